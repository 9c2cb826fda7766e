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
    IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel);

    /// <summary>The cursor behind all that can be seen now.</summary>
    Task<string> FeedEnd(CancellationToken cancel);
}

/// <param name="After">A cursor of an earlier window; null: from the first row on.</param>
/// <param name="Kinds">Kinds of entity; none: all.</param>
public sealed record FeedQuery(string? After, params IReadOnlyList<string> Kinds)
{
    /// <summary>Kinds of entity and query tables; who appends a row of such a kind, or a row that writes such a table, wakes. Null: the kinds asked for.</summary>
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
public sealed record FeedWindow(string Cursor, IReadOnlyList<JournalRow> Rows, bool Reset = false);
