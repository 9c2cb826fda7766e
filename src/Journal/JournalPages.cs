namespace Agora.Journal;

/// <summary>How much of a stream is read at once. A row may be large, and hundreds of them at once would be more than there is memory.</summary>
public static class JournalPages
{
    /// <summary>No row is read after those before it have come to so many bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Fewer rows than were asked for, in fewer bytes than fill a page: nothing follows them.</summary>
    public static bool EndsWith(IReadOnlyList<JournalRow> rows, int limit) => rows.Count < limit && rows.Sum(static row => (long)row.Body.Length) < MaxBytes;
}
