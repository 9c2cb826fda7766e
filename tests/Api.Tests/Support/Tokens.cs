using System.Text.Json;

namespace Agora.Api.Tests.Support;

/// <summary>How long a reply is to a model: tokens of o200k_base, counted by gpt-tokenizer on Node.</summary>
internal static class Tokens
{
    public static async Task<int[]> Of(IEnumerable<string> texts) =>
        JsonSerializer.Deserialize<int[]>(await NodePackages.Run(JsonSerializer.Serialize(texts), "count.mjs"))!;
}
