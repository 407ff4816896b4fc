# Relationship Pipeline.
pipeline-title = Relationship Pipeline
pipeline-days = Days until estimated close date
pipeline-health = Relationship health
pipeline-pending = Pending
pipeline-none = No health yet (at the bottom)
pipeline-size = Size: estimated revenue
pipeline-empty = No open opportunity closes in the days to come
pipeline-empty-text = Opportunities with an estimated close date of today or later appear here.
pipeline-omitted = The { $count } smallest are left out.
pipeline-clear = Show all in the list again
pipeline-brush = Filter the list by numbers
pipeline-brush-from-day = Days from
pipeline-brush-to-day = Days up to
pipeline-brush-from-health = Health from
pipeline-brush-to-health = Health up to
pipeline-brush-apply = Filter the list
pipeline-label = { $count ->
    [one] One opportunity by days until close and by health. Enter opens it.
   *[other] { $count } opportunities by days until close and by health. Arrow keys go from one to the next, Enter opens it.
}
pipeline-bubble = { $days ->
    [0] { $name }: { $state }, { $score }, closes today, { $revenue }
    [one] { $name }: { $state }, { $score }, closes in one day, { $revenue }
   *[other] { $name }: { $state }, { $score }, closes in { $days } days, { $revenue }
}
pipeline-close = { $days ->
    [0] Closes today ({ $date })
    [one] Closes in one day ({ $date })
   *[other] Closes in { $days } days ({ $date })
}
pipeline-not-shown = { $past ->
    [0] None is past its close date
    [one] One is past its close date
   *[other] { $pastText } are past their close date
}, { $none ->
    [0] none has no close date.
    [one] one has no close date: they are not shown.
   *[other] { $noneText } have no close date: they are not shown.
}
