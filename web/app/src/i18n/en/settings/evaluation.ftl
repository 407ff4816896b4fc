# Whether scores, connections and likelihoods mean anything: measured on the organization’s own past.
evaluation-what = Rapport goes back to moments in your own past, computes scores, connections and likelihoods from what was known by then, and looks at who was in touch afterwards. It changes nothing.
evaluation-run = Evaluation
evaluation-horizon = How far to look ahead
evaluation-days = { $days } days
evaluation-now = Evaluate now
evaluation-again = Evaluate again
evaluation-none = Nothing has been evaluated yet
evaluation-none-text = Choose how far to look ahead, then evaluate. It takes seconds to minutes, depending on how much was captured.
evaluation-running = The past is being evaluated. The result appears here by itself.
evaluation-failed = The evaluation did not finish
evaluation-nothing = Nothing was captured yet
evaluation-nothing-text = There is no past to evaluate. It begins with what you import or capture from mailboxes.
evaluation-few = There are too few relationships to judge by
evaluation-few-text = Only relationships with at least three recent interactions count. There are { $pairs } cases of a colleague and a person, and { $records } of a person and all of us. Evaluate again once more was captured.
evaluation-basis = As of { $as_of }, model { $model }, looking { $days } days ahead. Captured from { $from } to { $to }. It took { $seconds } s.
evaluation-moments = Moments that were gone back to
evaluation-moment = { $at }: { $pairs } pairs of a colleague and a person, { $records } persons with all of us, { $people } people to be introduced to
evaluation-words = In plain words
evaluation-words-records = Of relationships graded { $grade }, { $share } ({ $in_touch } of { $cases }) were in touch within the next { $days } days{ $rest }.
evaluation-words-pairs = Of connections graded { $grade }, { $share } ({ $in_touch } of { $cases }) were in touch within the next { $days } days{ $rest }.
evaluation-words-rest = ; { $grade }: { $share } ({ $in_touch } of { $cases })
evaluation-words-first = Colleagues ranked first were the right introducer in { $share } of cases ({ $people } people).
evaluation-words-auc = The likelihood separates relationships that stay from those that fade with an AUC of { $auc } ({ $chance } is chance; { $cases } cases).
evaluation-words-auc-days = The likelihood separates relationships that stay from those that fade with an AUC of { $auc } ({ $chance } is chance; { $cases } cases); counting days since the last contact reaches { $baseline }.
evaluation-words-none = There is too little to put into words.
evaluation-grade = { $grade ->
    [good] good
    [fair] fair
    [poor] poor
    [strong] strong
    [medium] medium
    [weak] weak
   *[none] no score
}
evaluation-of = { $of ->
    [pairs] A colleague and a person
   *[records] A person and all of us
}
evaluation-of-grades = { $of ->
    [pairs] Connections of a colleague with a person: in touch within { $days } days
   *[records] Relationships of a person with all of us: in touch within { $days } days
}
evaluation-plots = What was said and what happened
evaluation-reliability = Each circle holds relationships with about the same likelihood; the larger it is, the more there are. On the dashed line, what was predicted is what happened; below it, the likelihood promised too much.
evaluation-predicted = Predicted
evaluation-observed = Observed
evaluation-cases = Cases
evaluation-in-touch = In touch
evaluation-share = Share
evaluation-interval = 95 % interval
evaluation-range = Likelihood
evaluation-column-grade = Grade
evaluation-answered = Answered
evaluation-answered-of = { $share } of { $asked }
evaluation-grades-text = The line across each bar is its 95 % interval.
evaluation-survival = Who stays in touch: our measures and baselines
evaluation-survival-text = { $cases } cases, { $in_touch } of them in touch within { $days } days. The best of each column is bold; below each value stands its 95 % interval.
evaluation-ranking = Who knows whom: the right introducer
evaluation-ranking-text = { $people } people, with { $candidates } candidates for their introduction altogether. The best of each column is bold; below each value stands its 95 % interval.
evaluation-column-measure = Measure
evaluation-baseline = baseline
evaluation-best = best
evaluation-measure = { $name ->
    [likelihood_30d] Likelihood
    [likelihood_calibrated] Calibrated likelihood
    [score] Health score
    [strength] Strength of the connection
    [activity] Activity
    [directness] Directness
    [mutuality] Mutuality
    [days_since_last] Days since the last contact
    [messages] Number of interactions
    [decayed_count] Decayed count
    [interactions_rank] Interactions Rank
    [bgnbd_alive] BG/NBD: alive
    [bgnbd_expected] BG/NBD: expected
   *[other] { $name }
}
evaluation-metric = { $name ->
    [roc_auc] ROC-AUC
    [pr_auc] PR-AUC
    [brier] Brier
    [calibration_error] Calibration error
    [mrr] MRR
    [ndcg_5] NDCG@5
    [hit_1] Hit@1
   *[other] { $name }
}
evaluation-reason = { $reason ->
    [too_few_cases] There are too few cases to judge by.
    [one_outcome_only] All of them had the same outcome, so there is nothing to tell apart.
    [other_horizon] The likelihood is about the next 30 days, so it can only be checked looking 30 days ahead.
    [too_few_closed_deals] Too few opportunities were closed to judge by.
   *[other] It cannot be told ({ $reason }).
}
evaluation-deals = Opportunities: won and lost
evaluation-deals-text = Whether the score some time before the close told won opportunities from lost ones. In the columns of grades: how many were won, of how many with that grade.
evaluation-deals-before = Before the close
evaluation-won = Won
evaluation-lost = Lost
evaluation-won-of = { $won } of { $all }
evaluation-traps = Traps
evaluation-traps-none = Nothing was found that would make these figures misleading.
evaluation-trap = { $code ->
    [collection_hole] Capture had a hole.
    [burst] Far more was captured than around then.
    [leavers] Colleagues left.
    [first_days] Too near to the first captured day.
    [last_days] The days ahead are not over.
    [hole_ahead] A hole in the days ahead.
    [too_few_pairs] Too few pairs.
    [sampled] Only a sample was taken.
   *[other] Note:
}
evaluation-trap-text = { $code ->
    [collection_hole] Silence there says nothing about relationships.
    [burst] That is often an import or a mass mailing rather than contact between people.
    [leavers] Their pairs are left out: with them they end, whatever the score said.
    [first_days] That moment is left out: too little was captured before it.
    [last_days] That moment is left out: what follows is not over, or no longer captured.
    [hole_ahead] That moment is left out: half of the days ahead was not captured.
    [too_few_pairs] The figures are not firm.
    [sampled] There are many; they stand for all.
   *[other] { $text }
}
evaluation-trap-count = { $code ->
    [leavers] { $count } colleagues
    [too_few_pairs] { $count } pairs
    [sampled] { $count }% of the people
   *[other] { $count }
}
evaluation-trap-moment = moment { $at }
evaluation-calibration = Calibration of the likelihood
evaluation-calibrated = Calibrated since { $at }
evaluation-calibrated-text = The likelihood uses coefficients of your own past, version { $version }.
evaluation-pooled = Pooled
evaluation-pooled-text = The likelihood uses coefficients that were found over several organizations. With enough pairs of your own it is calibrated every week.
evaluation-calibration-pairs = Labelled pairs found: { $pairs } of { $needed } needed.
evaluation-calibration-auc = AUC in a month that the fit had not seen: likelihood { $likelihood }, days since the last contact { $days }, number of interactions { $messages }.
evaluation-coefficients = Coefficients and Brier score
evaluation-coefficient = { $name ->
    [intercept] Intercept
    [slope] Slope
   *[brier] Brier
}
evaluation-in-use = In use
evaluation-calibration-plot = Predicted and observed in a month that the fit had not seen
evaluation-calibrate = Calibrate now
evaluation-calibrate-done = { $pairs } labelled pairs were found; version { $version } is in use.
evaluation-about = What do these mean?
evaluation-about-text = { $name ->
    [roc_auc] The chance that of two relationships, one that stayed in touch and one that did not, the measure ranks the first higher. 0.5 is chance, 1 is perfect.
    [pr_auc] How many of those ranked highest really stayed in touch, averaged over all cut-offs. Chance is the share that stayed in touch; 1 is perfect.
    [brier] The mean squared distance between the predicted probability and what happened (0 or 1). Lower is better; only probabilities have one.
    [calibration_error] How far predicted probabilities lie from observed shares on average, over groups of similar likelihood. Lower is better.
    [mrr] One divided by the rank of the right introducer, averaged over people: 1 if always first, 0.5 if always second.
    [ndcg_5] How good the five colleagues on top are, the first counting most. 1 is the best possible order.
    [hit_1] The share of people for whom the colleague ranked first was the right introducer.
    [likelihood_30d] Ours: the probability of any contact in the next 30 days, with the pooled coefficients.
    [likelihood_calibrated] Ours: the same, fitted to what had happened in your own past by the moment.
    [score] Ours: the health score, 0 to 100.
    [strength] Ours: the strength of the connection of a colleague with a person, 0 to 100.
    [activity] Ours, a part of the strength: how much contact there was, fading with age.
    [directness] Ours, a part of the strength: whether contact was between few or many.
    [mutuality] Ours, a part of the strength: whether both sides take part.
    [days_since_last] Baseline: the more recent the last contact, the better.
    [messages] Baseline: the more interactions, the better, however old.
    [decayed_count] Baseline: the number of interactions, each with a half-life of 30 days.
    [interactions_rank] Baseline: Google’s published rank of interactions: a half-life of a week, ours weigh five times theirs.
    [bgnbd_alive] Baseline: a marketing model of buying (BG/NBD): the probability that the relationship still lives.
    [bgnbd_expected] Baseline: the same model: the days with contact that it expects.
   *[other] { $name }
}
