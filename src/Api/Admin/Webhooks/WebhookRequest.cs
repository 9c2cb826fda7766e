using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;

namespace Agora.Api.Admin.Webhooks;

/// <summary>An endpoint as it shall be: whole.</summary>
/// <param name="From">The feed's cursor from before the command; empty: it is there already.</param>
internal sealed record WebhookRequest(string WebhookId, WebhookDefinition Definition, string From = "")
{
    public static WebhookRequest Read(Call call)
    {
        var (body, id) = (call.Body, call.Id("webhook_id"));
        var url = EndpointText.Read(call, "url", "Where it is told.");
        var types = body.Words("types", "What it is told; absent: everything that there is to tell, also what is added later.", Types);
        foreach (var unknown in (types ?? []).Where(type => !NoticeTypes.All.Contains(type)))
        {
            body.Violate("types", "enum", $"One of {string.Join(", ", NoticeTypes.All)}.");
            break;
        }

        if (types is { Count: 0 })
        {
            body.Violate("types", "minItems", "It would be told nothing: name a type, or leave this out.");
        }

        var description = body.Text("description", "What it is for, for whoever looks at it later.", Limits.DescriptionLength, required: false);
        var active = body.Flag("active", "Whether it is told anything; what happens meanwhile is told later.", absent: true) ?? true;
        return new(id, new(url, types is null ? null : [.. types.Order(StringComparer.Ordinal)], description, active));
    }

    private static JsonObject Types() => new()
    {
        ["type"] = "array",
        ["items"] = new JsonObject { ["enum"] = new JsonArray([.. NoticeTypes.All.Select(type => JsonValue.Create(type))]) },
        ["minItems"] = 1,
        ["maxItems"] = Limits.ListItems,
        ["uniqueItems"] = true,
    };
}

/// <summary>A secret that is asked for.</summary>
internal sealed record SecretRequest(string WebhookId, int OverlapSeconds)
{
    private const int Day = 86_400;

    public static SecretRequest Read(Call call) => new(
        call.Id("webhook_id"), call.Body.Integer("overlap_seconds", "How long the former secret goes on signing beside it.", 0, Limits.WebhookOverlapSeconds, absent: Day) ?? Day);
}
