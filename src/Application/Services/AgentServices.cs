using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Services;

/// <summary>Ranked search for services, within the session's scope unless it is asked otherwise. Services that a sponsor would pay for this user rank higher, and their sponsors are named.</summary>
internal sealed class AgentServices(Guide guide)
{
    public Task<Result<ServicesFound>> Search(AgentCaller caller, ServiceSearch search) => guide.Visit(caller, async flow =>
    {
        var found = flow.Catalogue.Search(search.Query(flow));
        var (services, shown) = (new List<ServiceEntry>(found.Hits.Count), new List<ServiceFound>(found.Hits.Count));
        foreach (var hit in found.Hits)
        {
            if (flow.Catalogue.Service(hit.Id) is { } service)
            {
                services.Add(service);
                shown.Add(new(service, hit.Relevance, Sponsors(flow, service)));
            }
        }

        IReadOnlyList<NextAction> actions = shown.Count > 0 ? await guide.Choose(flow, services) : search.IsNarrowed ? [Actions.FindServices] : [];
        return Result.Of(new ServicesFound(shown, found.TotalCount, shown.Count == 0 ? WhyEmpty(flow, search, found.TotalCount) : null), Advice.Of(actions));
    });

    /// <summary>In the order of their ids.</summary>
    private static IReadOnlyList<SponsorFound> Sponsors(FlowState flow, ServiceEntry service)
    {
        var (campaigns, shown) = (flow.Catalogue.SponsorsOf(service), new List<SponsorFound>());
        for (var i = 0; i < campaigns.Count && shown.Count < Limits.SponsorsShown; i++)
        {
            if (flow.WouldSponsor(campaigns[i], service))
            {
                shown.Add(new(campaigns[i], flow.Completion(campaigns[i].CampaignId) is not null, flow.RunsLeft(campaigns[i])));
            }
        }

        return shown;
    }

    private static string WhyEmpty(FlowState flow, ServiceSearch search, long total) => total > 0 ? EmptyBecause.PastTheEnd
        : flow.Catalogue.Search(new() { Limit = 1 }).TotalCount == 0 ? EmptyBecause.NoServices
        : !ScopeRules.IsAll(flow.Session.Scopes.Categories) && !search.OutOfScopeToo && !flow.Runnable(long.MaxValue).Any() ? EmptyBecause.NoneInScope
        : EmptyBecause.NoneMatch;
}

/// <param name="EmptyBecause">A sentence. Null if something was found.</param>
internal sealed record ServicesFound(IReadOnlyList<ServiceFound> Services, long Total, string? EmptyBecause);

/// <param name="Relevance">From 0 to 1.</param>
internal sealed record ServiceFound(ServiceEntry Service, double Relevance, IReadOnlyList<SponsorFound> Sponsors);

/// <param name="TaskCompleted">By the session's user.</param>
/// <param name="RunsLeft">Runs that the sponsor still pays for this user, or if the task is not done yet, would pay once it is.</param>
internal readonly record struct SponsorFound(CampaignEntry Campaign, bool TaskCompleted, int RunsLeft);
