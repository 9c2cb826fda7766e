using Agora.Core.Kernel;
using Agora.Journal;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Conversations.Sockets;

/// <summary>
/// Which of many streams have another row, by a few looks at the journal in place of a question to each: of 20,000 connections on which nothing is said hardly one has a credential that changed.
/// <para>NothingMissed: each time it asks from where the last time but one began. What changes behind that is told the next time. What changed before the last time need not be known to whoever looked after it: an answer may
/// be as old as <see cref="Limits.StaleAtMost"/>, where an activation lost its place to another. So each row is told twice, and the second look is answered by what it says.</para>
/// </summary>
internal sealed partial class CredentialChanges(IFeed feed, ILogger<CredentialChanges> log)
{
    public const int MostRows = 1_000;
    private string? _from;
    private string? _last;

    /// <summary>Of these since the last time but one that it was asked, which was longer ago than an answer may be old. One that is asked after for the first time may be told of too.</summary>
    /// <returns>Of which it may be: of none while the journal is out of reach, which is made up for; of all where rows were cut off, and the first two times.</returns>
    public async Task<Func<StreamId, bool>> Since(IReadOnlyList<StreamId> streams, CancellationToken cancel)
    {
        try
        {
            var end = await feed.FeedEnd(cancel);
            var moved = _from is { } from ? await Moved(from, streams, cancel) : null;
            (_from, _last) = (_last, end);
            return moved is null ? static _ => true : stream => moved.Contains(stream.ToString());
        }
        catch (JournalUnavailableException e)
        {
            OutOfReach(log, e);
            return static _ => false;
        }
    }

    /// <returns>Null: the rows from which it counts are gone.</returns>
    private async Task<HashSet<string>?> Moved(string from, IReadOnlyList<StreamId> streams, CancellationToken cancel)
    {
        var moved = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in streams.Chunk(FeedQuery.MaxStreams))
        {
            var query = new FeedQuery(from) { Streams = [.. some.Select(static stream => stream.ToString())], Patience = TimeSpan.Zero, MostRows = MostRows, BodyBytes = 1 };
            FeedWindow window;
            do
            {
                window = await feed.Next(query, cancel);
                if (window.Reset) return null;

                moved.UnionWith(window.Rows.Select(static row => row.Stream));
                query = query with { After = window.Cursor };
            }
            while (window.Rows.Count == MostRows);
        }

        return moved;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Credentials of WebSockets are not looked at")]
    private static partial void OutOfReach(ILogger log, Exception e);
}
