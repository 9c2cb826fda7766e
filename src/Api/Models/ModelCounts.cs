using Agora.Application.Calls;
using System.Text;
using Agora.Application.Catalogue;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>What a request would read, as its provider counts it. That costs nothing, so nothing is held and there is no run; what is sent goes to the provider all the same, and so only where a call of it might go.</summary>
internal sealed class ModelCounts(ModelCatalogue models, ModelRoutes routes, ModelModeration moderation, ModelCalls calls)
{
    private readonly CallPlaces _places = new();

    public static byte[] OfMessages(long tokens) => Encoding.UTF8.GetBytes($$"""{"input_tokens":{{tokens}}}""");

    public static byte[] OfResponses(long tokens) => Encoding.UTF8.GetBytes($$"""{"object":"response.input_tokens","input_tokens":{{tokens}}}""");

    public async Task Answer(HttpContext http, AgentCall call, IDialect dialect, ModelRequest request, Func<long, byte[]> said)
    {
        using var place = call.Take(_places, call.Owner);
        var (whole, crowded) = await calls.WithContext(call.ForModels, request, place);
        if (whole is null)
        {
            await ModelDoor.Write(http, dialect, ModelCalls.NoPrevious);
            return;
        }

        var (places, unwanted, _) = crowded is not null ? ([], crowded, null) : await routes.Of(call.ForModels, whole);
        unwanted ??= await Unfit(call, whole, places[0].Model) ?? await moderation.Refusal(call.ForModels, whole, places);
        var visited = await call.Visit(unwanted);
        if (visited.Rejection is { } refused)
        {
            await ModelDoor.Refuse(http, call, dialect, refused);
            return;
        }

        try
        {
            var service = places[0].Model.Definition;
            var caller = visited.Reply is SessionView session ? ModelCalls.CallerOf(call.Tenant, new(session.UserId, session.AgentId)) : null;
            var answer = await models.Provider(call.Tenant, service)!.Count(whole, service.Model!.Name, caller, Limits.ModelCountAtMost, System.Diagnostics.Activity.Current?.Id, CancellationToken.None);
            await (answer is ProviderAnswer.Whole { Reply: { Fault: null, Usage: { InRange: true } usage } }
                ? ModelDoor.WriteJson(http, StatusCodes.Status200OK, said(usage.AllInput))
                : ModelDoor.Write(http, dialect, DialectFaults.Of(FaultOf(answer))));
        }
        catch (DialectException cannot)
        {
            await ModelDoor.Write(http, dialect, cannot.Fault);
        }
    }

    /// <summary>Null: a call of it might go there.</summary>
    private async Task<Rejection?> Unfit(AgentCall call, ModelRequest request, ServiceEntry model)
    {
        if (models.Provider(call.Tenant, model.Definition) is null) return ModelCalls.NoProvider(call.Tenant, model);
        if (ModelHold.OfAnotherKind(model, request) is { } other) return other;

        var category = model.Definition.Category;
        return (await call.Peek()).Reply is SessionView session && !session.Scopes.AdmitsCategory(category) ? AccessRejection.OutOfScope("category", category) : null;
    }

    private static ProviderFault FaultOf(ProviderAnswer answer) => answer switch
    {
        ProviderAnswer.Unsent { Fault: var fault } => fault,
        ProviderAnswer.Refused { Fault: var fault } => fault,
        ProviderAnswer.Unknown { Fault: var fault } => fault,
        _ => new(FaultKind.Failed, "The provider sent no count."),
    };
}
