using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Api.Tests.Mcp.Conformance;

/// <summary>Prompts that the conformance suite gets by these names.</summary>
internal static class FixturePrompts
{
    public static IEnumerable<McpServerPrompt> All { get; } =
    [
        Prompt("test_simple_prompt", () => "This is a simple prompt for testing."),
        Prompt("test_prompt_with_arguments", (string arg1, string arg2) => $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"),
        Prompt("test_prompt_with_embedded_resource", (string resourceUri) => new[] { Said(FixtureTools.Embedded(resourceUri, "text/plain", "Embedded resource content for testing.")), Said(new TextContentBlock { Text = "Process it." }) }),
        Prompt("test_prompt_with_image", () => new[] { Said(FixtureTools.Image()), Said(new TextContentBlock { Text = "Look at it." }) }),
    ];

    private static PromptMessage Said(ContentBlock content) => new() { Role = Role.User, Content = content };

    private static McpServerPrompt Prompt(string name, Delegate act) => McpServerPrompt.Create(act, new() { Name = name, Description = $"What the conformance suite calls {name}." });
}

/// <summary>Resources that it reads.</summary>
internal static class FixtureResources
{
    public static IEnumerable<McpServerResource> All { get; } =
    [
        Resource("test://static-text", "text/plain", () => "This is the content of the static text resource."),
        Resource("test://static-binary", "image/png", () => new BlobResourceContents { Uri = "test://static-binary", MimeType = "image/png", Blob = FixtureTools.PictureBytes }),
        Resource("test://template/{id}/data", "application/json", (string id) => new TextResourceContents
        {
            Uri = $"test://template/{id}/data", MimeType = "application/json", Text = new JsonObject { ["id"] = id, ["templateTest"] = true, ["data"] = $"Data for ID: {id}" }.ToJsonString(),
        }),
        Resource("test://watched-resource", "text/plain", () => "Watched."),
    ];

    private static McpServerResource Resource(string uri, string type, Delegate read) => McpServerResource.Create(read, new() { UriTemplate = uri, Name = uri, MimeType = type, Description = $"What the conformance suite reads as {uri}." });
}
