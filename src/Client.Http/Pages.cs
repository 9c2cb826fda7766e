using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Agora.Client.Http;

/// <summary>All items of a list, page after page: by cursor where the list has one, else by offset. A list's reply has one list.</summary>
internal static class Pages
{
    private const int Limit = 100;

    public static async IAsyncEnumerable<T> Of<T>(Func<string, Task<Reply<JsonElement>>> get, string path, IEnumerable<KeyValuePair<string, object?>> query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var part = query.Where(one => one.Value is not null).ToDictionary(one => one.Key, one => Text(one.Value!));
        part.TryAdd("limit", Text(Limit));
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var page = (await get($"{path}?{string.Join('&', part.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}"))}")).Data;
            var items = page.EnumerateObject().First(member => member.Value.ValueKind == JsonValueKind.Array).Value;
            foreach (var item in items.EnumerateArray()) yield return item.Deserialize<T>(Wire.Options)!;

            if (page.TryGetProperty("next_cursor", out var cursor))
            {
                if (cursor.GetString() is not { } next) yield break;
                part["cursor"] = next;
                part.Remove("offset");
            }
            else if (page.TryGetProperty("offset", out var offset) && items.GetArrayLength() == page.GetProperty("limit").GetInt32())
            {
                part["offset"] = Text(offset.GetInt32() + items.GetArrayLength());
            }
            else
            {
                yield break;
            }
        }
    }

    private static string Text(object value) => value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
