using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Models;

namespace Agora.Application.Models;

/// <summary>Which models a call may go to, in order, each with why: the one that was asked for, or that a router's rules choose, and then those that stand in for it.</summary>
internal sealed class ModelRoutes(ModelCatalogue models, FirstTimes firsts)
{
    internal static readonly Rejection NoRoute = new(Codes.NotFound, "No rule of this router leads to a model that is there and can do this.");

    /// <summary>Why the first of these that nobody could call when its turn comes could not be; null: all are there.</summary>
    /// <param name="named">Models and routers; null: a person's place.</param>
    public async Task<Rejection?> Unknown(ModelCaller call, IEnumerable<string?> named)
    {
        foreach (var model in named.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await Unknown(call, new ModelRequest(model, [ReplyTexts.Item(Role.User, "")])) is { } refused)
            {
                return refused.FactOf("model") is null ? refused.With("model", model) : refused;
            }
        }

        return null;
    }

    /// <summary>The most tokens that the model of this name writes; null: none has it, or it is a router's.</summary>
    public int? MostOutput(Tenant tenant, string model) => models.Find(tenant, model)?.Definition.Model?.MaxOutputTokens;

    /// <summary>The same of what one is asked, where the model may be there for something else.</summary>
    public async Task<Rejection?> Unknown(ModelCaller call, ModelRequest request)
    {
        var (places, refused, _) = await Of(call, request);
        return refused ?? ModelHold.OfAnotherKind(places[0].Model, request);
    }

    /// <summary>Models whose providers keep what they are sent are passed over where the session allows no such consent; one that is asked for by its name is refused.</summary>
    /// <returns>And which model is called besides, when one of these has answered; null: none is.</returns>
    public async Task<(IReadOnlyList<(ServiceEntry Model, string? Why)> Places, Rejection? Refused, ServiceEntry? Shadow)> Of(ModelCaller call, ModelRequest request)
    {
        var (asked, why, refused, shadow) = (models.Find(call.Tenant, request.Model), (string?)null, RunRejection.IsNoModel, (ServiceEntry?)null);
        var consent = new RetentionConsent(models, call);
        if (asked is not null && !await consent.Admits(asked)) return ([], RetentionConsent.Missing(asked.ServiceId), null);

        if (asked is null && models.Router(call.Tenant, request.Model) is { } router)
        {
            refused = NoRoute;
            var facts = await Facts(call, router.Definition.Routes!, request);
            foreach (var (rule, number) in router.Definition.Routes!.Select((rule, i) => (rule, i + 1)))
            {
                if (models.Find(call.Tenant, rule.To) is not { } model || model.Definition.Model!.Kind != request.Kind || rule.Why(Timed(call, rule, facts), call.Context.CommandId) is not { } fits)
                {
                    continue;
                }

                if (!await consent.Admits(model))
                {
                    refused = RetentionConsent.Missing(model.ServiceId);
                    continue;
                }

                (asked, why, shadow) = (model, $"{router.ServiceId}, rule {number}: {fits}", Shadow(call, request, rule));
                break;
            }
        }

        if (asked is null) return ([], refused, null);

        var places = new List<(ServiceEntry Model, string? Why)> { (asked, why) };
        foreach (var place in Fallbacks(call.Tenant, asked).Where(place => place.Model.Definition.Model!.Kind == request.Kind))
        {
            if (await consent.Admits(place.Model))
            {
                places.Add(place);
            }
        }

        return (places, null, shadow);
    }

    /// <summary>Sound is nothing that anybody compares, and who pays for what a model charges has not asked for this; a reply in the background may be over long after whoever asked for it is gone.</summary>
    private ServiceEntry? Shadow(ModelCaller call, ModelRequest request, RouteRule rule) =>
        rule.Shadow is { } shadow && shadow.Takes(call.Context.CommandId) && request is { Background: false, Kind: not ModelKind.Speech }
            && models.Find(call.Tenant, shadow.To) is { Definition.Model: { Charges: false } offer } model && offer.Kind == request.Kind ? model : null;

    private IEnumerable<(ServiceEntry Model, string? Why)> Fallbacks(Tenant tenant, ServiceEntry asked) => (asked.Definition.Model!.Fallback ?? [])
        .Select(id => models.Find(tenant, id)).OfType<ServiceEntry>().Where(model => model.ServiceId != asked.ServiceId).Select(model => (model, (string?)$"in place of {asked.ServiceId}, whose provider did nothing"));

    private RouteFacts Timed(ModelCaller call, RouteRule rule, RouteFacts facts) => rule.FirstMsBelow is null ? facts : facts with { FirstMs = firsts.Of(call.Tenant.Name, rule.To) };

    private static async Task<RouteFacts> Facts(ModelCaller call, IReadOnlyList<RouteRule> rules, ModelRequest request)
    {
        long? free = rules.Any(rule => rule.FreeBelowMicros is not null) && await call.Peek() is { } session ? session.Budget.RemainingMicros : null;
        return new(InputBound.Of(request, 0), request.Tools.Count > 0, ModelHold.HasImages(request), call.Wish, free, Sentiment: request.Sentiment);
    }
}
