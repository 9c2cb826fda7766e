using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Webhooks;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Api.Hosts;

/// <summary>Personal outputs and the decisions of runs live in the journal alone: a table row says which journal row, and that row is opened here.</summary>
internal sealed class JournalReader(IJournal journal, PersonalKeys keys) : IJournalReader
{
    private const int FirstPage = 50;
    private const int Page = 500;

    private static readonly LinkedTables RunAndRefunded = new(TableShapes.Of(RunTables.Runs), TableShapes.Of(RefundTables.Refunded), ["tenant", "payment_id"]);
    private static readonly int RefundedAt = RefundTables.Refunded.Columns.ToList().IndexOf("refunded_micros");

    public async Task<bool> IsKnown(StreamId stream, CancellationToken cancel) => await journal.Read(stream.ToString(), 0, 1, cancel) is { Count: > 0 };

    public async Task<RunEvent.Concluded?> Run(Tenant tenant, string sessionId, Guid runId, CancellationToken cancel)
    {
        var query = new TableQuery(
            TableShapes.Of(RunTables.Runs),
            [new("tenant", Comparison.Equal, tenant.Name), new("run_id", Comparison.Equal, runId.ToString("D"))],
            [],
            0,
            1) { CountUpTo = 0 };
        if ((await journal.Query(query, cancel)).Rows is not [var run] || run.Stream != tenant.Session(sessionId).ToString()) return null;

        return await journal.Read(run.Stream, run.Seq - 1, 1, cancel) is [var row] ? await End(row, runId) as RunEvent.Concluded : null;
    }

    public async Task<RecordedRun?> Recorded(Tenant tenant, Guid runId, CancellationToken cancel)
    {
        if (await journal.Find(RunAndRefunded, [tenant.Name, runId.ToString("D")], cancel) is not { } found) return null;

        return new(found.Row, found.Source is { } source ? await End(source, runId) : null, found.Linked is { } refunded ? (long)refunded.Values[RefundedAt]! : 0);
    }

    public async Task<Act?> Act(string stream, long seq, Guid commandId, CancellationToken cancel) =>
        (await journal.Read(stream, seq - 1, 1, cancel)).SelectMany(RowCodec.Decode).Where(entry => entry.CommandId == commandId).Select(entry => Causes.ActOf(entry)?.Act).FirstOrDefault();

    public async Task<IReadOnlyList<Delivery>> Deliveries(string stream, long seq, CancellationToken cancel)
    {
        var told = new List<Delivery>();
        foreach (var row in await journal.Read(stream, seq - 1, 1, cancel))
        {
            await foreach (var @event in Events(row, WebhookEntity.Entity.Events))
            {
                told.AddRange(@event switch { WebhookEvent.Told e => e.Deliveries, WebhookEvent.Sent e => [e.Delivery], _ => [] });
            }
        }

        return told;
    }

    public async Task<bool> IsKeyed(Tenant tenant, string credential, string key, CancellationToken cancel) => await journal.FindKey(tenant.Name, credential, key, cancel) is not null;

    public async Task<IReadOnlyList<(StreamId Stream, Guid CommandId, string Credential)>> Keyed(Tenant tenant, string key, int limit, CancellationToken cancel) =>
        [.. (await journal.KeysNamed(tenant.Name, key, limit, cancel)).Select(found => (StreamId.Parse(found.Stream), found.CommandId, found.Credential))];

    // Backwards from the completion, in growing steps: a task is claimed, with its output, seconds before it is complete.
    public async Task<Personal?> CompletionOutput(Tenant tenant, string userId, Guid outputCommand, long completedSeq, CancellationToken cancel)
    {
        var stream = tenant.User(userId).ToString();
        var page = FirstPage;
        for (var last = completedSeq; last > 0; last -= page, page = Math.Min(page * 2, Page))
        {
            for (var after = Math.Max(0, last - page); after < last;)
            {
                var rows = await journal.Read(stream, after, (int)(last - after), cancel);
                foreach (var row in rows.Where(row => RowCodec.Decode(row).Any(e => e.CommandId == outputCommand)))
                {
                    await foreach (var @event in Events(row, UserEntity.Entity.Events, outputCommand))
                    {
                        if (@event is UserEvent.TaskClaimed claimed) return claimed.Output;
                    }
                }

                after = rows.Count == 0 ? last : rows[^1].Seq;
            }
        }

        return null;
    }

    private async Task<RunEvent?> End(JournalRow row, Guid runId)
    {
        await foreach (var @event in Events(row, SessionEntity.Entity.Events))
        {
            if (@event is RunEvent run && run.IsEndOf(runId)) return run;
        }

        return null;
    }

    private async IAsyncEnumerable<TEvent> Events<TEvent>(JournalRow row, UnionCodec<TEvent> codec, Guid? commandId = null)
        where TEvent : class
    {
        foreach (var entry in RowCodec.Decode(row).Where(e => commandId is null || e.CommandId == commandId))
        {
            for (var index = 0; index < entry.Events.Count; index++)
            {
                yield return await keys.Open(codec, row.Stream, entry, index);
            }
        }
    }
}
