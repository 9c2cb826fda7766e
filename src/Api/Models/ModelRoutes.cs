using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Api.Models;

/// <summary>Which models a call may go to, in order, each with why: the one that was asked for, or that a router's rules choose, and then those that stand in for it.</summary>
internal sealed class ModelRoutes(ModelCatalogue models)
{
    public const string Wish = "Agora-Route";

    /// <returns>Empty: there is no such model, or no rule fits.</returns>
    public async Task<IReadOnlyList<(ServiceEntry Model, string? Why)>> Of(AgentCall call, ModelRequest request)
    {
        var (asked, why) = (models.Find(call.Tenant, request.Model), (string?)null);
        if (asked is null && models.Router(call.Tenant, request.Model) is { } router)
        {
            var facts = await Facts(call, router.Definition.Routes!, request);
            foreach (var (rule, number) in router.Definition.Routes!.Select((rule, i) => (rule, i + 1)))
            {
                if (models.Find(call.Tenant, rule.To) is not { } model || rule.Why(facts, call.Context.CommandId) is not { } fits) continue;

                (asked, why) = (model, $"{router.ServiceId}, rule {number}: {fits}");
                break;
            }
        }

        return asked is null ? [] : [(asked, why), .. Fallbacks(call.Tenant, asked)];
    }

    private IEnumerable<(ServiceEntry Model, string? Why)> Fallbacks(Tenant tenant, ServiceEntry asked) => (asked.Definition.Model!.Fallback ?? [])
        .Select(id => models.Find(tenant, id)).OfType<ServiceEntry>().Where(model => model.ServiceId != asked.ServiceId).Select(model => (model, (string?)$"in place of {asked.ServiceId}, whose provider did nothing"));

    private static async Task<RouteFacts> Facts(AgentCall call, IReadOnlyList<RouteRule> rules, ModelRequest request)
    {
        long? free = rules.Any(rule => rule.FreeBelowMicros is not null) && (await call.Peek()).Reply is SessionView session ? session.Budget.RemainingMicros : null;
        return new(InputBound.Of(request, 0), request.Tools.Count > 0, ModelHold.HasImages(request), call.Header(Wish) is [{ } wish] ? wish : null, free);
    }
}
