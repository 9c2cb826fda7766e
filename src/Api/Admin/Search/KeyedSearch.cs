using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Search;

/// <summary>
/// What a request with an Idempotency-Key began. The command's id follows from the key; a run, a completion, an act and a session that was opened have it, and of anything else
/// the entity that was asked is shown.
/// </summary>
internal sealed class KeyedSearch(IJournalReader journal)
{
    private static readonly IReadOnlyList<SearchKind> Begun = [SearchKinds.Run, SearchKinds.Approval, SearchKinds.Completion, SearchKinds.Act];

    public async Task<IReadOnlyList<HitData>> Find(Tenant tenant, TenantTables own, string key, CancellationToken cancel)
    {
        if (key.AsSpan().ContainsAnyExceptInRange('!', '~')) return [];

        var hits = new List<HitData>();
        foreach (var (stream, command, credential) in await journal.Keyed(tenant, key, Limits.SearchResults, cancel))
        {
            hits.Add(await BegunBy(own, command, cancel) ?? Asked(stream, credential));
        }

        return hits;
    }

    private static async Task<HitData?> BegunBy(TenantTables own, Guid command, CancellationToken cancel)
    {
        foreach (var kind in Begun)
        {
            if (await own.One(kind.Table, cancel, TableReader.Is(kind.Id, command.ToString("D"))) is { } row)
            {
                return kind.Hit(row, Matched.IdempotencyKey);
            }
        }

        return null;
    }

    /// <summary>Such as a session whose run is under way.</summary>
    private static HitData Asked(StreamId stream, string credential)
    {
        var (kind, list) = stream.Kind switch
        {
            Kinds.Session => (SearchKinds.Session.Name, "sessions"),
            Kinds.User => (SearchKinds.User.Name, "users"),
            Kinds.Campaign => (SearchKinds.Campaign.Name, "campaigns"),
            Kinds.Wallet => (SearchKinds.Wallet.Name, "wallets"),
            Kinds.Agent => (SearchKinds.Agent.Name, "agents"),
            Kinds.Service => (SearchKinds.Service.Name, "services"),
            Kinds.Payment => (SearchKinds.Payment.Name, "payments"),
            _ => throw new ArgumentOutOfRangeException(nameof(stream), stream.Kind, "No client sends a command there."),
        };
        return new(kind, stream.Id, Links.To(list, stream.Id)!, Matched.IdempotencyKey, $"was asked with this key by {credential}");
    }
}
