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

namespace Agora.Api.Tests.Support;

/// <summary>Finds what it looks for by reading its stream from the start: right for a test's few rows.</summary>
internal sealed class RowReader(EntityPorts ports) : IJournalReader
{
    public async Task<bool> IsKnown(StreamId stream, CancellationToken cancel) => await ports.Journal.Read(stream.ToString(), 0, 1, cancel) is { Count: > 0 };

    public async Task<RunEvent.Concluded?> Run(Tenant tenant, string sessionId, Guid runId, CancellationToken cancel) => await End(tenant, sessionId, runId, cancel) as RunEvent.Concluded;

    public async Task<RecordedRun?> Recorded(Tenant tenant, Guid runId, CancellationToken cancel)
    {
        var tables = new LinkedTables(TableShapes.Of(RunTables.Runs), TableShapes.Of(RefundTables.Refunded), ["tenant", "payment_id"]);
        return await ports.Journal.Find(tables, [tenant.Name, runId.ToString("D")], cancel) is { } found
            ? new(found.Row, await End(tenant, StreamId.Parse(found.Row.Stream).Id, runId, cancel), (long?)found.Linked?.Values[2] ?? 0)
            : null;
    }

    public Task<Personal?> CompletionOutput(Tenant tenant, string userId, Guid outputCommand, long completedSeq, CancellationToken cancel) => Find(
        tenant.User(userId), UserEntity.Entity.Events, (entry, happened) => entry.CommandId == outputCommand ? (happened as UserEvent.TaskClaimed)?.Output : null, cancel);

    public async Task<Act?> Act(string stream, long seq, Guid commandId, CancellationToken cancel) =>
        (await ports.Journal.Read(stream, 0, int.MaxValue, cancel)).SelectMany(RowCodec.Decode).Where(entry => entry.CommandId == commandId).Select(entry => Causes.ActOf(entry)?.Act).SingleOrDefault();

    public async Task<IReadOnlyList<Delivery>> Deliveries(string stream, long seq, CancellationToken cancel)
    {
        var told = new List<Delivery>();
        foreach (var entry in (await ports.Journal.Read(stream, 0, int.MaxValue, cancel)).Where(row => row.Seq == seq).SelectMany(RowCodec.Decode))
        {
            for (var i = 0; i < entry.Events.Count; i++)
            {
                var happened = await ports.Keys.Open(WebhookEntity.Entity.Events, stream, entry, i);
                told.AddRange((happened as WebhookEvent.Told)?.Deliveries ?? (happened is WebhookEvent.Sent sent ? [sent.Delivery] : []));
            }
        }

        return told;
    }

    public async Task<bool> IsKeyed(Tenant tenant, string credential, string key, CancellationToken cancel) => await ports.Journal.FindKey(tenant.Name, credential, key, cancel) is not null;

    public async Task<IReadOnlyList<(StreamId Stream, Guid CommandId, string Credential)>> Keyed(Tenant tenant, string key, int limit, CancellationToken cancel) =>
        [.. (await ports.Journal.KeysNamed(tenant.Name, key, limit, cancel)).Select(found => (StreamId.Parse(found.Stream), found.CommandId, found.Credential))];

    private Task<RunEvent?> End(Tenant tenant, string sessionId, Guid runId, CancellationToken cancel) => Find(
        tenant.Session(sessionId), SessionEntity.Entity.Events, (_, happened) => happened is RunEvent run && run.IsEndOf(runId) ? run : null, cancel);

    private async Task<TFound?> Find<TEvent, TFound>(StreamId stream, UnionCodec<TEvent> codec, Func<JournalEntry, TEvent, TFound?> output, CancellationToken cancel)
        where TEvent : class
        where TFound : class
    {
        foreach (var row in await ports.Journal.Read(stream.ToString(), 0, int.MaxValue, cancel))
        {
            foreach (var entry in RowCodec.Decode(row))
            {
                for (var i = 0; i < entry.Events.Count; i++)
                {
                    if (output(entry, await ports.Keys.Open(codec, stream.ToString(), entry, i)) is { } found) return found;
                }
            }
        }

        return null;
    }
}
