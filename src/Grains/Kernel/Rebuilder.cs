using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>
/// Recreates the query tables from the journal. They are projections: what comes out is equal to what was there, or what was
/// there was wrong. Runs while nothing else writes.
/// </summary>
public sealed class Rebuilder(IJournal journal, PersonalKeys keys)
{
    private const int Page = 1_000;

    /// <summary>All query tables of all features.</summary>
    public static IReadOnlyList<Table> Tables { get; } =
        [.. UserTables.All, .. SessionTables.All, .. CampaignTables.All, ServiceTables.Services, AgentTables.Agents, .. FundTables.All, .. RefundTables.All];

    /// <returns>Streams read and rows written.</returns>
    public async Task<(long Streams, long Rows)> Run(CancellationToken cancel)
    {
        await journal.Clear([.. Tables.Select(TableShapes.Of)], cancel);
        var (streams, rows) = (0L, 0L);
        string? after = null;
        while (await journal.Streams("", after, Page, cancel) is { Count: > 0 } page)
        {
            foreach (var name in page)
            {
                rows += await Named(StreamId.Parse(name), cancel);
                streams++;
            }

            after = page[^1];
        }

        return (streams, rows);
    }

    // A history that no decider would have written: one line for the operator has to say where.
    private async Task<long> Named(StreamId stream, CancellationToken cancel)
    {
        try
        {
            return await Rebuild(stream, cancel);
        }
        catch (Exception e) when (e is InvariantViolationException or UndecodableException or JournalCorruptException)
        {
            throw new JournalRefusedException($"stream {stream}: what its rows say cannot be ({e.Message}) Run verify-journal. The query tables are not whole until a rebuild succeeds.", e);
        }
    }

    private Task<long> Rebuild(StreamId stream, CancellationToken cancel) => stream.Kind switch
    {
        Kinds.User => Rebuild<UserDecider, UserState, UserCommand, UserEvent>(stream, cancel),
        Kinds.Session => Rebuild<SessionDecider, SessionState, SessionCommand, SessionEvent>(stream, cancel),
        Kinds.Campaign => Rebuild<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>(stream, cancel),
        Kinds.Service => Rebuild<ServiceDecider, ServiceState, ServiceCommand, ServiceEvent>(stream, cancel),
        Kinds.Wallet => Rebuild<WalletDecider, WalletState, WalletCommand, WalletEvent>(stream, cancel),
        Kinds.Agent => Rebuild<AgentDecider, AgentState, AgentCommand, AgentEvent>(stream, cancel),
        Kinds.Payment => Rebuild<RefundDecider, RefundState, RefundCommand, RefundEvent>(stream, cancel),
        _ => throw new InvalidDataException($"{stream}: no feature owns streams of kind '{stream.Kind}'."),
    };

    private async Task<long> Rebuild<TDecider, TState, TCommand, TEvent>(StreamId stream, CancellationToken cancel)
        where TDecider : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var (name, state) = (stream.ToString(), TDecider.Initial(stream));
        var (written, seq) = (0L, 0L);
        while (await journal.Read(name, seq, Page, cancel) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                var upserts = new List<OwnedUpsert>();
                foreach (var entry in RowCodec.Decode(row))
                {
                    var at = Timestamps.FromMicros(entry.AtMicros);
                    for (var index = 0; index < entry.Events.Count; index++)
                    {
                        var @event = await keys.Open(TDecider.Events, name, entry, index);
                        state = TDecider.Evolve(state, @event, at);
                        upserts.AddRange(TDecider.Rows(state, @event, at).Select(r => new OwnedUpsert(name, row.Seq, new(TableShapes.Of(r.Table), r.Values))));
                    }
                }

                await journal.Write(upserts, cancel);
                (written, seq) = (written + upserts.Count, row.Seq);
            }
        }

        return written;
    }
}
