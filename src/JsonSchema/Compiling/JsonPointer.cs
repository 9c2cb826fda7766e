using System.Globalization;
using System.Text.Json;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

/// <summary>JSON pointers, RFC 6901.</summary>
internal static class JsonPointer
{
    public static string Append(string pointer, string segment) =>
        $"{pointer}/{segment.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static string Append(string pointer, int index) => string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}");

    public static IEnumerable<string> Segments(string pointer) => pointer.Split('/').Skip(1).Select(Unescape);

    /// <summary>The value that the pointer leads to from here, or null.</summary>
    public static JsonElement? Follow(JsonElement value, string pointer)
    {
        foreach (string segment in Segments(pointer))
        {
            if (Step(value, segment) is not { } next)
                return null;
            value = next;
        }
        return value;
    }

    private static JsonElement? Step(JsonElement value, string segment)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                if (JsonText.Name(member) == segment)
                    return member.Value;
            }
        }
        return value.ValueKind == JsonValueKind.Array
            && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < value.GetArrayLength()
            ? value[index]
            : null;
    }

    private static string Unescape(string segment) => segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
