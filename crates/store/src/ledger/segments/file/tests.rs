//! What is written is read again, to the microsecond and in either layout.

use super::*;

/// Emails of one subject.
pub(in super::super) fn rows(moments_us: &[i64]) -> Columns {
    let mut rows = Columns::default();
    for (i, at_us) in (0_i64..).zip(moments_us) {
        rows.subject.push(7);
        rows.at_us.push(*at_us);
        rows.interaction.push(i + 1);
        rows.kind.push(0);
        rows.state.push(0);
        rows.outgoing.push(i % 2 == 0);
        rows.duration_s.push(0);
        rows.conversation.push(i);
        rows.threaded.push(false);
        rows.subject_group.push(0);
        rows.regarding.push(0);
        rows.identified.push(true);
        rows.sources.values.push(3);
        rows.sources.ends.push(i as u32 + 1);
        rows.participants.ends.push(0);
        rows.seen_by.ends.push(0);
    }
    rows
}

#[test]
fn moments_come_back_to_the_microsecond() {
    let folder = tempfile::tempdir().unwrap();
    let whole = [-2_000_000, -1_000_000, 0, 1_767_225_600_000_000];
    let broken = [i64::MIN, -1_000_001, -1, 0, 1, 999_999, 1_000_000, 1_767_225_600_123_456, i64::MAX];
    for (name, moments_us) in [("whole", &whole[..]), ("broken", &broken)] {
        let (path, rows) = (folder.path().join(name), rows(moments_us));
        let mut writer = SegmentWriter::create(&path).unwrap();
        writer.extend(&rows, 0..rows.len()).unwrap();
        assert_eq!(writer.finish().unwrap().unwrap().0.touches, moments_us.len() as u64);
        assert_eq!(read_all(&path), rows, "{name}");
        let file = SegmentFile::open(&path).unwrap().unwrap();
        assert_eq!((file.is_of_layout_before(), file.read_subjects(&[7]).unwrap()), (false, rows), "{name}");
    }
}

/// Writes a file of the layout before.
pub(in super::super) fn write_before(path: &Path, rows: &Columns) {
    let before = SCHEMA
        .replace("REQUIRED INT64 at_s;", "REQUIRED INT64 at (TIMESTAMP(MICROS, true));")
        .replace("REQUIRED INT32 at_sub_us (INTEGER(32, false));", "");
    let schema = Arc::new(parse_message_type(&before).unwrap());
    let named = vec![KeyValue::new(LAYOUT_KEY.to_owned(), LAYOUT_BEFORE.to_owned())];
    let properties = WriterProperties::builder().set_key_value_metadata(Some(named)).build();
    let out = Hashing { out: BufWriter::new(File::create_new(path).unwrap()), hasher: blake3::Hasher::new(), len: 0 };
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties)).unwrap();
    write_columns(&mut file, rows, |group| flat::<Int64Type>(group, &rows.at_us)).unwrap();
    file.into_inner().unwrap().flush().unwrap();
}

/// All rows of a file.
pub(in super::super) fn read_all(path: &Path) -> Columns {
    let file = SegmentFile::open(path).unwrap().unwrap();
    let mut rows = Columns::default();
    for group in 0..file.groups() {
        let mut open = file.open_group(group, false, None, BytesMut::new()).unwrap();
        for _ in 0..file.rows_of(group).div_ceil(3_000) {
            open.next(3_000, path, &mut rows).unwrap();
        }
    }
    rows
}

#[test]
fn files_of_the_layout_before_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, rows) = (folder.path().join("before"), rows(&[-1, 1_767_225_600_123_456, 1_767_225_600_123_457]));
    write_before(&path, &rows);
    assert_eq!(read_all(&path), rows);
    let file = SegmentFile::open(&path).unwrap().unwrap();
    assert_eq!((file.is_of_layout_before(), file.read_subjects(&[7]).unwrap()), (true, rows));
}

#[test]
fn subjects_are_read_without_the_pages_between_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut rows = rows(&vec![1_767_225_600_000_000; 4 * PAGE_ROWS]);
    for i in 0..rows.len() {
        rows.subject[i] = (i / PAGE_ROWS) as i64;
        // Microseconds stand in the last page alone.
        rows.at_us[i] += i as i64 * if i < 3 * PAGE_ROWS { 1_000_000 } else { 1_000_001 };
    }
    let mut writer = SegmentWriter::create(&path).unwrap();
    writer.extend(&rows, 0..rows.len()).unwrap();
    writer.finish().unwrap();
    assert_eq!(read_all(&path), rows);
    let mut apart = Columns::default();
    for page in [1, 3] {
        apart.extend_range(&rows, page * PAGE_ROWS..(page + 1) * PAGE_ROWS);
    }
    let file = SegmentFile::open(&path).unwrap().unwrap();
    assert_eq!(file.read_subjects(&[1, 3]).unwrap(), apart);
    let pieces = |wanted| file.pieces_of(&Choice { subjects: 0..4, wanted });
    let piece =
        |pages: Range<usize>, is_partial| Piece { group: 0, rows: pages.start * PAGE_ROWS..pages.end * PAGE_ROWS, is_partial };
    assert_eq!(pieces(Some(&[1, 3])), [piece(1..2, true), piece(3..4, true)]);
    assert_eq!(pieces(Some(&[1, 2])), [piece(1..3, true)]);
    assert_eq!((pieces(Some(&[0, 1, 2, 3])), pieces(None)), (vec![piece(0..4, false)], vec![piece(0..4, false)]));
    assert_eq!(pieces(Some(&[4])), []);
    // What is kept is the same, and not kept where there is no room for it.
    let bytes = file.decoded_bytes(0);
    // Sixteen columns of one to eight bytes, and where three lists end.
    assert!((70..100).contains(&(bytes / rows.len() as u64)), "{bytes} bytes");
    let (small, large) = (Memory::new(bytes - 1), Memory::new(bytes));
    let file = file.kept_in(&small);
    file.keep(0).unwrap();
    assert_eq!((file.kept(0), small.used_bytes()), (None, 0));
    let file = file.kept_in(&large);
    file.keep(0).unwrap();
    file.keep(0).unwrap();
    assert_eq!((&*file.kept(0).unwrap(), large.used_bytes()), (&rows, bytes));
    assert_eq!(file.read_subjects(&[1, 3]).unwrap(), apart);
    drop(file);
    assert_eq!(large.used_bytes(), 0, "what is closed takes none");
}
