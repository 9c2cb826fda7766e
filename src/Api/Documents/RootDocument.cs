using System.Text.Json.Serialization;
using Agora.Application.Flow;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>GET /: what this is and where to go, for a program that knows nothing but the address. A browser is redirected to the page with the same for people.</summary>
internal sealed class RootDocument(ApiOptions options) : IFeature
{
    private readonly RootData _data = new(
        "Agora",
        "A backend in which AI agents earn, spend and talk within limits. Follow next_actions: each names a method, an endpoint and, by schema_ref, the JSON Schema of its body; schemas=full puts it in place.",
        "/openapi/v1.json",
        "/healthz",
        "/readyz",
        options.MetricsPort is null ? "/metrics" : null);

    public void Map(Routes routes) => routes.Document(
        "/", (Words? _) => Reply.Ok(_data) with { NextActions = [options.PlatformKeys.Count == 0 ? NextAction.Authenticate : Actions.AuthenticateAsking] }, options.FrontPage);

    /// <param name="Metrics">Absent: they have a port of their own.</param>
    private sealed record RootData(string Name, string Description, string OpenApi, string Health, string Readiness, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Metrics);
}
