namespace Agora.Journal;

/// <summary>
/// Bodies of rows that nobody needs in a hurry, many compressed in one pack. A row itself stays where it is, with its place, number and hash: so the fence, the
/// order, the feed and checkpoints know nothing of it, and only who wants a body has a pack opened. Cases of the contract, each a test on every provider:
/// <list type="number">
/// <item>Nothing that is read changes: rows of streams, rows that are found, windows of the feed and what follows from their bounds are as before, to the byte.</item>
/// <item>A pack is stored and its rows' bodies are gone, or neither. Who reads meanwhile sees one or the other.</item>
/// <item>A row's body is in one pack at most, for ever. A pack is never changed or taken away.</item>
/// <item>A stream that has an alarm is left alone.</item>
/// </list>
/// </summary>
public interface IArchive
{
    /// <summary>Those of the streams whose last row is not archived, with the rows that are not. A stream without rows is passed over.</summary>
    Task<IReadOnlyList<UnarchivedRows>> Unarchived(IReadOnlyList<string> streams, CancellationToken cancel);

    /// <summary>Keeps the pack in place of its rows' bodies. False: the stream has an alarm, or a row of the pack is archived already; nothing was changed.</summary>
    Task<bool> Archive(RowPack pack, CancellationToken cancel);

    /// <summary>The pack with the body of a row; null: there is none.</summary>
    Task<RowPack?> PackOf(string stream, long seq, CancellationToken cancel);
}

/// <param name="First">All before it are archived.</param>
/// <param name="Last">The stream's last row.</param>
public readonly record struct UnarchivedRows(string Stream, long First, long Last);
