using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>What was asked of a response, item by item (GET /v1/responses/{id}/input_items): its own, without those of responses that it goes on from.</summary>
/// <param name="Limit">Items of a page.</param>
/// <param name="IsAscending">The first first; else the last.</param>
/// <param name="After">The item behind which the page begins; null: at the beginning.</param>
public sealed record ResponsesInput(int Limit = 20, bool IsAscending = false, string? After = null)
{
    public const int MostItems = 100;

    /// <returns>False: there is no such item to begin behind.</returns>
    public bool Write(ModelRequest request, ReplyHead head, IReadOnlyList<Item> items, IBufferWriter<byte> into)
    {
        var all = items.Select((item, index) => (Item: item, Id: $"{ResponsesItems.PrefixOf(item)}{head.Id}_in{index}")).ToList();
        if (!IsAscending)
        {
            all.Reverse();
        }

        var from = After is null ? 0 : all.FindIndex(one => one.Id == After) + 1;
        if (After is not null && from == 0) return false;

        var page = all.Skip(from).Take(Limit).ToList();
        using var writer = new Utf8JsonWriter(into, ResponsesJson.Writing);
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        foreach (var (item, id) in page)
        {
            ResponsesItems.Write(writer, item, id, "completed", ResponsesNames.Of(request), request.Reasoning?.WantsSeal == true);
        }

        writer.WriteEndArray();
        writer.WriteString("first_id", page.Count == 0 ? null : page[0].Id);
        writer.WriteString("last_id", page.Count == 0 ? null : page[^1].Id);
        writer.WriteBoolean("has_more", from + page.Count < all.Count);
        writer.WriteEndObject();
        return true;
    }
}
