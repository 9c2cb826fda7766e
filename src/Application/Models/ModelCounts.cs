using System.Diagnostics;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;

namespace Agora.Application.Models;

/// <summary>Counts the tokens that a request would read, as its provider counts them. That costs nothing, so nothing is held and there is no run; but the provider sees the request, so it is counted only where it could be called.</summary>
internal sealed class ModelCounts(ModelCatalogue models, ModelRoutes routes, ModelModeration moderation, ModelCalls calls)
{
    private readonly CallPlaces _places = new();

    public async Task<CountedTokens> Of(ModelCaller call, ModelRequest request)
    {
        using var place = call.Take(_places);
        var (whole, crowded) = await calls.WithContext(call, request, place);
        if (whole is null) return new CountedTokens.Failed(ModelCalls.NoPrevious);

        var (places, unwanted, _) = crowded is not null ? ([], crowded, null) : await routes.Of(call, whole);
        unwanted ??= await Unfit(call, whole, places[0].Model) ?? await moderation.Refusal(call, whole, places);
        var visited = await call.Visit(unwanted);
        if (visited.Rejection is { } refused) return new CountedTokens.Refused(refused);

        try
        {
            var service = places[0].Model.Definition;
            var caller = visited.Reply is SessionView session ? ModelCalls.CallerOf(call.Tenant, new(session.UserId, session.AgentId)) : null;
            var answer = await models.Provider(call.Tenant, service)!.Count(whole, service.Model!.Name, caller, Limits.ModelCountAtMost, Activity.Current?.Id, CancellationToken.None);
            return answer is ProviderAnswer.Whole { Reply: { Fault: null, Usage: { InRange: true } usage } }
                ? new CountedTokens.Of(usage.AllInput)
                : new CountedTokens.Failed(DialectFaults.Of(FaultOf(answer)));
        }
        catch (DialectException cannot)
        {
            return new CountedTokens.Failed(cannot.Fault);
        }
    }

    /// <returns>Null if a call of the model could go there.</returns>
    private async Task<Rejection?> Unfit(ModelCaller call, ModelRequest request, ServiceEntry model)
    {
        if (models.Provider(call.Tenant, model.Definition) is null) return ModelCalls.NoProvider(call.Tenant, model);
        if (ModelHold.OfAnotherKind(model, request) is { } other) return other;

        var category = model.Definition.Category;
        return await call.Peek() is { } session && !session.Scopes.AdmitsCategory(category) ? AccessRejection.OutOfScope("category", category) : null;
    }

    private static ProviderFault FaultOf(ProviderAnswer answer) => answer switch
    {
        ProviderAnswer.Unsent { Fault: var fault } => fault,
        ProviderAnswer.Refused { Fault: var fault } => fault,
        ProviderAnswer.Unknown { Fault: var fault } => fault,
        _ => new(FaultKind.Failed, "The provider sent no count."),
    };
}

/// <summary>Closed union: what comes of a count.</summary>
internal abstract record CountedTokens
{
    private CountedTokens()
    {
    }

    public sealed record Of(long Tokens) : CountedTokens;

    /// <summary>The session refuses the request, or its route does.</summary>
    public sealed record Refused(Rejection Why) : CountedTokens;

    /// <summary>The request names nothing that can be counted, or the provider did not count.</summary>
    public sealed record Failed(DialectFault Fault) : CountedTokens;
}
