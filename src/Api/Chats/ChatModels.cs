using Agora.Application.Catalogue;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Web;

namespace Agora.Api.Chats;

/// <summary>Whom a person can speak with: models that reply, and routers that choose one of them.</summary>
internal sealed class ChatModels(ModelCatalogue models, Catalogues catalogues) : IFeature
{
    public static readonly Operation<Page> List = new(Audience.Agents, "list_chat_models", "GET /api/v2/chat/models", "Models that the session may speak with, and routers that choose among them, by id")
    {
        Read = static call => call.Query.Page(),
        Data = typeof(ChatModelsData),
        DataExample = ChatModelsData.Example,
    };

    public void Map(Routes routes) => routes.Map(List, ListModels);

    private async Task<Reply> ListModels(AgentCall call, Page page)
    {
        var (session, refused) = await call.ForModels.Enter();
        if (session is null) return Reply.Refused(refused!);

        var all = Replying(call.Tenant, session.Scopes).ToList();
        return Reply.Ok(new ChatModelsData([.. all.Skip(page.Offset).Take(page.Limit).Select(ChatModelData.Of)], all.Count, page.Offset, page.Limit)) with { UntrustedFields = ["data.models[].name", "data.models[].description"] };
    }

    private IEnumerable<ServiceEntry> Replying(Tenant tenant, Scopes scopes) =>
        models.All(tenant, scopes).Where(static model => model.Definition.Model?.Kind == ModelKind.Chat)
            .Concat(catalogues.In(tenant).Services.Where(service => service.Definition is { Active: true, Routes: not null, Category: var category } && scopes.AdmitsCategory(category) && models.IsCallable(tenant, service)))
            .OrderBy(static service => service.ServiceId, StringComparer.Ordinal);
}

/// <summary>Whom a person can speak with.</summary>
/// <param name="Model">As it is named where something is said.</param>
/// <param name="Chooses">It is a router: another model replies, and the reply says which and why.</param>
internal sealed record ChatModelData(string Model, string Name, string Description, bool Chooses)
{
    public static ChatModelData Of(ServiceEntry service) => new(service.ServiceId, service.Definition.Name, service.Definition.Description, service.Definition.Routes is not null);
}

internal sealed record ChatModelsData(IReadOnlyList<ChatModelData> Models, int TotalCount, int Offset, int Limit)
{
    public const string Example = """{"models":[{"model":"router","name":"Router","description":"A fast model for short questions, a strong one for others","chooses":true}],"total_count":1,"offset":0,"limit":50}""";
}
