using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Google's counts: cached tokens are part of the prompt; what tools brought, and thoughts, stand beside prompt and candidates. A count that is absent is 0, which its JSON leaves out.</summary>
internal static class GeminiUsage
{
    public static Usage Read(JsonElement usage)
    {
        var prompt = MessagesWireJson.Tokens(usage, "promptTokenCount"u8) ?? 0;
        var cached = MessagesWireJson.Tokens(usage, "cachedContentTokenCount"u8) ?? 0;
        var tools = MessagesWireJson.Tokens(usage, "toolUsePromptTokenCount"u8) ?? 0;
        if (cached > prompt) throw MessagesWireJson.Wrong("cachedContentTokenCount"u8, "more than the prompt has");

        var read = new Usage(
            Input: prompt - cached + tools,
            CacheRead: cached,
            Output: MessagesWireJson.Tokens(usage, "candidatesTokenCount"u8) ?? 0,
            Reasoning: MessagesWireJson.Tokens(usage, "thoughtsTokenCount"u8) ?? 0);
        return read.InRange ? read : throw MessagesWireJson.Wrong("usageMetadata"u8, "too many tokens");
    }
}
