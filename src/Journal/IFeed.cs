using System.Diagnostics;
using Agora.Journal.Feed;

namespace Agora.Journal;

/// <summary>
/// The rows of all streams as they become durable, in the one order of <see cref="ICheckpoints"/>, for whoever acts on them: within a few
/// milliseconds, in every process. Cases of the contract, each a test on every provider:
/// <list type="number">
/// <item>Rows come in order of their places, each once, and none is missing, whatever is being appended meanwhile, by whichever process.</item>
/// <item>Of the kinds asked for only (none named: all). The kind is the second part of a stream's name, <c>tenant/kind/id</c>. The cursor moves over the others too.</item>
/// <item>A window has no more than <see cref="FeedQuery.MostRows"/> rows, and ends with the row that takes its bodies to <see cref="FeedQuery.MostBytes"/>. How many of other kinds it passes is the store's to bound.</item>
/// <item>A cursor is text to be kept, and outlives the process: from it on, whatever stands behind its row comes. From <see cref="FeedEnd"/> on, what was appended since.</item>
/// <item>A cursor carries the hash of its row. Where that row is gone, has another hash or another place, the history it belongs to was cut off: the answer is <see cref="FeedWindow.Reset"/>, and the last one.</item>
/// <item>Who waits is woken by appends of its kinds, or of what it names in <see cref="FeedQuery.WakeFor"/>, in this process and in others. Who is not woken looks each <see cref="FeedQuery.Patience"/>, and is answered then in any case.</item>
/// <item>Of each body no more than the first <see cref="FeedQuery.BodyBytes"/> come, where they are named. The rest is neither read nor sent, and does not fill a window.</item>
/// <item>Where streams are named (<see cref="FeedQuery.Streams"/>), only their rows come, in the same order and bounds. Rows of others are not passed: a look takes as long as what it
/// answers, and a few searches a stream, however long the reader was away.</item>
/// <item>A cursor is a place in the order of all rows: what was asked for has been answered up to there, and nothing behind it. It serves any other question. A window of named streams
/// that is not full carries the cursor behind all that can be seen. So the next look begins there, and who goes on from it with kinds misses no row of those streams and gets none twice.</item>
/// <item><see cref="FeedWindow.Behind"/> says from where to go on right behind a row: the cursor that the window would have if it ended with it.</item>
/// </list>
/// A row is seen when the transactions before it that write the journal are over. One that writes anything else, for however long, holds nothing back.
/// </summary>
public interface IFeed
{
    /// <summary>
    /// Windows until it is cancelled or answers Reset. Throws what a read throws (<see cref="JournalUnavailableException"/>); the follower goes on from the last
    /// cursor it has, and acts twice on what it had not kept the cursor of.
    /// </summary>
    /// <exception cref="FormatException">The text is no cursor.</exception>
    /// <exception cref="ArgumentException">More than <see cref="FeedQuery.MaxStreams"/> streams are named.</exception>
    IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel);

    /// <summary>The cursor behind all that can be seen now.</summary>
    Task<string> FeedEnd(CancellationToken cancel);

    /// <summary>The first window of <see cref="Follow"/>, for who keeps its cursor elsewhere.</summary>
    async Task<FeedWindow> Next(FeedQuery query, CancellationToken cancel)
    {
        await using var windows = Follow(query, cancel).GetAsyncEnumerator(cancel);
        return await windows.MoveNextAsync() ? windows.Current : throw new UnreachableException("A feed answers with a window at least.");
    }
}

/// <param name="After">A cursor of an earlier window; null: from the first row on.</param>
/// <param name="Kinds">Kinds of entity; none: all.</param>
public sealed record FeedQuery(string? After, params IReadOnlyList<string> Kinds)
{
    /// <summary>Names in <see cref="Streams"/>.</summary>
    public const int MaxStreams = 1_256;

    /// <summary>Streams of whose rows alone it is asked, of <see cref="Kinds"/> where these are named too; null: of all. Where there is none of a name, nothing comes of it.</summary>
    public IReadOnlyList<string>? Streams { get; init; }

    internal bool IsOfKind(string stream) => Kinds.Count == 0 || Kinds.Any(kind => FeedTopics.KindOf(stream).SequenceEqual(kind));

    /// <summary>Kinds of entity and query tables; who appends a row of such a kind, or a row that writes such a table, wakes. Null: the kinds asked for, or those of the streams.</summary>
    public IReadOnlyList<string>? WakeFor { get; init; }

    /// <summary>
    /// Wake-ups are sent after the commit: a process that dies in between tells nobody, and one of an earlier release never does. So who waits also looks by
    /// itself, once a second as it comes.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Rows of a window.</summary>
    public int MostRows { get; init; } = 1_000;

    /// <summary>Bytes of bodies after which a window ends.</summary>
    public long MostBytes { get; init; } = 1 << 20;

    /// <summary>How many first bytes of each body come, 1 at least; null: all. Who needs no more than <see cref="RowCodec.FirstAtMicros"/> asks for <see cref="RowCodec.FirstAtBytes"/>.</summary>
    public int? BodyBytes { get; init; }
}

/// <summary>What one look found; empty when patience was over.</summary>
/// <param name="Cursor">From where to go on; after a Reset from the first row.</param>
public sealed record FeedWindow(string Cursor, IReadOnlyList<JournalRow> Rows, bool Reset = false)
{
    internal IReadOnlyList<long> Positions { get; init; } = [];

    /// <summary>From where to go on right behind one of its rows; and where that stands among all: places sort as the rows come.</summary>
    /// <param name="row">From 0 on.</param>
    public FeedCursor Behind(int row) => new(new RowPlace(Positions[row], Rows[row].Stream, Rows[row].Seq), Rows[row].Hash);
}
