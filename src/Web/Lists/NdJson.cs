using System.Text;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;

namespace Agora.Web.Lists;

/// <summary>An item a line, each as it is in the list as JSON (github.com/ndjson/ndjson-spec).</summary>
internal static class NdJson
{
    public const string ContentType = $"{MediaTypes.NdJson}; charset=utf-8";

    public static string Lines<T>(IReadOnlyList<T> items) =>
        items.Aggregate(new StringBuilder(), static (lines, item) => lines.Append(JsonSerializer.Serialize(item, ApiJson.Options)).Append('\n')).ToString();
}
