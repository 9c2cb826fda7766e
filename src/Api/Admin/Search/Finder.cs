using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Search;

/// <summary>
/// One search of one tenant. Each step reads some rows by an index, or the catalogue in memory, and the first that are found are kept: what is named exactly,
/// then what is only called so, then what begins so.
/// </summary>
internal sealed class Finder(TenantTables own, ServiceCatalogue catalogue, Func<string, Task<IReadOnlyList<HitData>>> keyed, string text, CancellationToken cancel)
{
    private static readonly Order[] Newest = [new("settled_at", Descending: true), new("run_id", Descending: true)];

    /// <summary>No character of an id is behind it.</summary>
    private const string BehindAll = "~";

    private readonly List<HitData> _found = [];

    public async Task<IReadOnlyList<HitData>> Find()
    {
        var isId = PathIds.IsId("wallet_id", text);
        if (isId)
        {
            await ByIds();
            await ByUnputAgent();
            ByProvider();
            await Of(SearchKinds.Payment, Matched.TxHash, [], [TableReader.Is("tx_hash", text)]);
        }

        foreach (var hit in await keyed(text)) Add(hit);
        if (SearchedAmount.Read(text) is { } micros)
        {
            await ByAmount(micros);
        }

        ByNames();
        await Of(SearchKinds.Agent, Matched.Owner, [], [TableReader.Is("owner", text)]);
        if (isId && text.Length >= Limits.SearchPrefix)
        {
            await ByPrefixes();
        }

        return _found;
    }

    private async Task ByAmount(long micros)
    {
        if (Room <= 0) return;

        var found = await own.Look(
            SearchKinds.Payment.Table, Newest, [TableReader.Is("amount_micros", micros)], [TableReader.IsPaid], new(null, Room, CountUpTo: 0, Limits.LookedAt), cancel);
        foreach (var row in found.Rows) Add(SearchKinds.Payment.Hit(row, Matched.Amount));
    }

    private int Room => Limits.SearchResults - _found.Count;

    private async Task ByIds()
    {
        var drawn = Guid.TryParseExact(text, "D", out var guid) ? guid.ToString("D") : null;
        foreach (var kind in SearchKinds.All.Where(kind => drawn is not null || !kind.IsDrawn))
        {
            if (await own.One(kind.Table, cancel, [.. kind.Always, TableReader.Is(kind.Id, kind.IsDrawn ? drawn! : text)]) is { } row)
            {
                Add(kind.Hit(row, Matched.Id));
            }
        }
    }

    /// <summary>One that was delegated to is whatever name was given.</summary>
    private async Task ByUnputAgent()
    {
        if (_found.Exists(hit => hit.Kind == SearchKinds.Agent.Name)) return;

        if (await AgentSessions.Any(own, text, cancel))
        {
            Add(new(SearchKinds.Agent.Name, text, $"/admin/sessions?agent_id={text}", Matched.Id, "never put; it has had sessions"));
        }
    }

    private void ByProvider()
    {
        var services = catalogue.Services.Where(service => service.Definition.Provider == text).Take(2).ToList();
        if (services.Count > 0)
        {
            Add(new(SearchKinds.Provider, text, SearchKinds.ProvidersHref(text), Matched.Id, $"is paid for {services[0].Definition.Name}{(services.Count > 1 ? " and others" : "")}"));
        }
    }

    private void ByNames()
    {
        foreach (var service in Called(catalogue.Services, static service => service.Definition.Name, static service => service.ServiceId))
        {
            Add(new(SearchKinds.Service.Name, service.ServiceId, Links.To("services", service.ServiceId)!, Matched.Name, $"{service.Definition.Name}, {service.Definition.Category}"));
        }

        foreach (var campaign in Called(catalogue.Campaigns, static campaign => campaign.Definition.Task.Name, static campaign => campaign.CampaignId))
        {
            Add(Campaign(campaign, Matched.Name));
        }

        foreach (var campaign in Called(catalogue.Campaigns, static campaign => campaign.Definition.Sponsor, static campaign => campaign.CampaignId))
        {
            Add(Campaign(campaign, Matched.Sponsor));
        }
    }

    /// <summary>Whole names first, then those that begin so, then those that have it anywhere; upper and lower case are alike.</summary>
    private List<T> Called<T>(IEnumerable<T> all, Func<T, string> name, Func<T, string> id) => Room <= 0 ? [] :
    [
        .. all.Where(one => name(one).Contains(text, StringComparison.OrdinalIgnoreCase))
            .OrderBy(one => name(one).Length != text.Length).ThenBy(one => !name(one).StartsWith(text, StringComparison.OrdinalIgnoreCase)).ThenBy(id, StringComparer.Ordinal)
            .Take(Room),
    ];

    private static HitData Campaign(CampaignEntry campaign, string matched) => new(
        SearchKinds.Campaign.Name, campaign.CampaignId, Links.To("campaigns", campaign.CampaignId)!, matched, $"{campaign.Definition.Task.Name}, of {campaign.Definition.Sponsor}");

    private async Task ByPrefixes()
    {
        foreach (var kind in SearchKinds.All.Where(kind => kind.ByPrefix))
        {
            await Of(kind, Matched.IdPrefix, [new(kind.Id)], [.. kind.Always, new(kind.Id, Comparison.AtLeast, text), new(kind.Id, Comparison.LessThan, text + BehindAll)]);
        }
    }

    private async Task Of(SearchKind kind, string matched, IReadOnlyList<Order> order, IReadOnlyList<Condition> where)
    {
        if (Room <= 0) return;

        foreach (var row in await own.First(kind.Table, order, where, Room, cancel)) Add(kind.Hit(row, matched));
    }

    private void Add(HitData hit)
    {
        if (Room > 0 && !_found.Exists(other => other.Kind == hit.Kind && other.Id == hit.Id))
        {
            _found.Add(hit);
        }
    }
}
