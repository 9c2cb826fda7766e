using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Silo;

/// <summary>
/// Archives the streams of sessions that ended long ago: their rows stay where they are, provable and readable by id, and their bodies are kept compressed. It may
/// end anywhere, and goes on from there; several processes may do it at once, to no use. Between two pages it rests as long as the last one took, so that who waits for an answer has
/// the store for at least half of the time.
/// </summary>
internal sealed class SessionArchive(IJournal journal, TimeProvider time)
{
    private const int Page = 500;

    /// <summary>So far, also where it was ended.</summary>
    public Archived Done { get; private set; }

    /// <param name="age">Since the session ended, and since its last row.</param>
    /// <param name="told">After each page.</param>
    public async Task Run(TimeSpan age, Action? told, CancellationToken cancel)
    {
        var before = (time.GetUtcNow() - age).ToMicros();
        var archivist = new Archivist(journal);
        for (string? tenant = null; (tenant = await Next(tenant, cancel)) is not null;)
        {
            var prefix = $"{tenant}/{Kinds.Session}/";
            for (string? after = null; await journal.Streams(prefix, after, Page, cancel) is { Count: > 0 } page; after = page[^1])
            {
                var began = time.GetTimestamp();
                var (sessions, rows, broken) = await archivist.Archive(await Ended(tenant, page, before, cancel), before, cancel);
                Done = new(Done.Sessions + sessions, Done.Rows + rows, Done.Broken + broken);
                told?.Invoke();
                await Task.Delay(time.GetElapsedTime(began), time, cancel);
            }
        }
    }

    // From tenant to tenant: there are many more streams.
    private async Task<string?> Next(string? tenant, CancellationToken cancel) =>
        await journal.Streams("", tenant is null ? null : $"{tenant}/\U0010FFFF", 1, cancel) is [var stream] ? StreamId.Parse(stream).Tenant : null;

    private async Task<IReadOnlyList<string>> Ended(string tenant, IReadOnlyList<string> streams, long before, CancellationToken cancel)
    {
        var ids = streams.Select(stream => StreamId.Parse(stream).Id).ToList();
        var found = await journal.Query(
            new(TableShapes.Of(UserTables.Sessions), [new("tenant", Comparison.Equal, tenant), new("session_id", Comparison.AnyOf, ids)], [new("session_id")], 0, ids.Count), cancel);
        var columns = UserTables.Sessions.Columns.ToList();
        var (id, closed, expires) = (columns.IndexOf("session_id"), columns.IndexOf("closed_at"), columns.IndexOf("expires_at"));
        return [.. found.Rows.Where(row => (row.Values[closed] as long? ?? (long)row.Values[expires]!) < before).Select(row => $"{tenant}/{Kinds.Session}/{row.Values[id]}")];
    }
}

/// <param name="Broken">Sessions with a row that cannot be read.</param>
internal readonly record struct Archived(int Sessions, long Rows, int Broken)
{
    public override string ToString() => $"{Rows} rows of {Sessions} sessions archived" + (Broken == 0 ? "" : $"; rows of {Broken} cannot be read: run verify-journal");
}
