using System.Globalization;
using System.Text.Json;

namespace Agora.Operator;

/// <summary>How a member of a reply reads.</summary>
public static class Shown
{
    private const string Cents = "_cents";
    private const string Written = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const int IdAtMost = 24;

    // Replies of our routes are within these bounds. Anything larger is drawn by AnyJson: a table of rows that share no member would have the square of their number in cells.
    private const int DepthMost = 6;
    private const int MembersMost = 200;
    private const int ItemsMost = 1_000;
    private const int ColumnsMost = 60;

    // Larger than any amount, and small enough that sums and shares of amounts do not overflow a decimal.
    private const decimal AmountMost = 1e18m;

    private const int IndentedMost = 64 * 1_024;

    private static readonly (string Tone, string[] Values)[] Tones =
    [
        ("good", ["well", "live", "active", "succeeded", "posted", "paid", "completed", "delivered", "verified", "approved"]),
        ("bad", ["failed", "broken", "refused", "denied", "revoked", "expired", "overdue"]),
        ("wait", ["pending", "held", "running", "requested", "waiting", "retrying", "degraded", "paused", "disputed", "refunding"]),
    ];

    private static readonly JsonSerializerOptions AsWritten = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Limits = ["limit_cents", "funded_cents", "cap_cents"];
    private static readonly string[] Held = ["held_cents", "reserved_cents"];

    public static bool IsMoney(string name) => name.EndsWith(Cents, StringComparison.Ordinal) || name.Contains("_cents_", StringComparison.Ordinal);

    public static bool IsTime(string name) => name is "at" or "until" || name.EndsWith("_at", StringComparison.Ordinal) || name.EndsWith("_until", StringComparison.Ordinal);

    /// <summary>What bounds a time here, and names something else there: by what it says it is seen which.</summary>
    public static bool IsTime(string name, string text) =>
        IsTime(name) || (name is "from" or "to" && DateTimeOffset.TryParseExact(text, Written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));

    /// <summary>One of a few words of ours, which says why something is so.</summary>
    public static bool IsCode(string name) => name is "not_projected" or "step";

    /// <summary>Whether a word says how something goes, so that it has a colour too.</summary>
    public static string? ToneOf(string name, string value) => name is not ("state" or "status" or "outcome") ? null : Array.Find(Tones, tone => tone.Values.Contains(value, StringComparer.Ordinal)).Tone ?? "plain";

    /// <summary>A JSON Schema is read as it was written, and so is what the journal holds.</summary>
    public static bool IsWritten(string name, JsonElement value) => value.ValueKind == JsonValueKind.Object && (name is "schema" or "state" or "payload" || name.EndsWith("_schema", StringComparison.Ordinal));

    /// <summary>JSON that stands in a page for a script to read: no sign of it ends the element that it stands in.</summary>
    public static string Embedded(JsonElement value) => JsonSerializer.Serialize(value);

    public static string Json(JsonElement value) => JsonSerializer.Serialize(value, AsWritten);

    /// <summary>The whole value, indented if that does not make it many times longer.</summary>
    public static string Text(JsonElement value)
    {
        var raw = value.GetRawText();
        return raw.Length <= IndentedMost && Json(value) is var indented && indented.Length <= 1_000 + (4 * raw.Length) ? indented : raw;
    }

    /// <summary>Whether pages can draw the value by the names of its members: an object, a list of texts or numbers, or a table.</summary>
    /// <param name="depth">The number of values that enclose it.</param>
    public static bool Fits(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.Object => depth <= DepthMost && value.EnumerateObject().Count() <= MembersMost,
        JsonValueKind.Array => depth <= DepthMost && value.GetArrayLength() <= ItemsMost && (AreBrief(value) || (value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.Object) && Columns(value).Count <= ColumnsMost)),
        _ => true,
    };

    /// <summary>Whether it is a list of texts or numbers.</summary>
    public static bool AreBrief(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number);

    /// <summary>The member's text. Null if this is no object, or has no such member, or the member is no text.</summary>
    public static string? TextOf(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>An id of many letters by its beginning and its end, which tell it from its neighbours.</summary>
    public static string Short(string id) => id.Length > IdAtMost ? $"{id[..8]}…{id[^6..]}" : id;

    /// <summary>A count with thousands separators.</summary>
    public static string Count(decimal count) => count.ToString("#,##0", CultureInfo.InvariantCulture);

    /// <summary>Cents as dollars, with no digit less than there is.</summary>
    public static string Money(JsonElement cents) => Amount(cents) is { } amount ? Money(amount) : cents.GetRawText();

    public static string Money(decimal cents)
    {
        var dollars = cents / 100;
        return string.Create(CultureInfo.InvariantCulture, $"{(dollars < 0 ? "-" : "")}${Math.Abs(dollars):#,##0.00######}");
    }

    /// <summary>A time to the second, with "UTC" behind it. A day, or a text that is no time, stays as it is.</summary>
    public static string Time(string text) =>
        text.Contains(':', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : text;

    /// <summary>What an object says about a limit; null: it says nothing of one.</summary>
    public static Limit? LimitOf(JsonElement value, decimal? cap = null)
    {
        if (Number(value, "spent_cents") is not { } spent) return null;

        var limit = cap ?? Limits.Select(name => Number(value, name)).FirstOrDefault(static number => number is not null);
        return limit is { } of ? new(spent, Held.Select(name => Number(value, name)).FirstOrDefault(static number => number is not null) ?? 0, of) : null;
    }

    /// <summary>The member as <see cref="Amount"/>. Null also if this is no object or has no such member.</summary>
    public static decimal? Number(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? Amount(value) : null;

    /// <summary>The number. Null if it is no number, or larger than any amount.</summary>
    public static decimal? Amount(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var amount) && Math.Abs(amount) <= AmountMost ? amount : null;

    /// <summary>The items of a page; null: it is no list.</summary>
    public static JsonElement? Items(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object) return null;

        foreach (var member in data.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Array) return member.Value;
        }

        return null;
    }

    /// <summary>Every item is named by this member.</summary>
    public static bool AllHave(JsonElement items, string? name) =>
        name is not null && items.EnumerateArray().All(item => TextOf(item, name) is not null);

    /// <summary>The prices of a model: one row per rate, with its version. A column without values is left out. Null if these are not prices of a model.</summary>
    public static JsonElement? Rates(JsonElement versions)
    {
        if (!versions.EnumerateArray().All(static version => version.ValueKind == JsonValueKind.Object && version.TryGetProperty("rates", out var rates) && rates.ValueKind == JsonValueKind.Array && rates.EnumerateArray().All(static rate => rate.ValueKind == JsonValueKind.Object)))
        {
            return null;
        }

        var rows = versions.EnumerateArray().SelectMany(static version => version.GetProperty("rates").EnumerateArray().Select(rate => version.EnumerateObject().Where(static member => member.Name != "rates").Concat(rate.EnumerateObject()).ToList())).ToList();
        var said = rows.SelectMany(static row => row).Where(static member => member.Value.ValueKind != JsonValueKind.Null).Select(static member => member.Name).ToHashSet(StringComparer.Ordinal);
        return JsonSerializer.SerializeToElement(rows.Select(row => row.Where(member => said.Contains(member.Name)).GroupBy(static member => member.Name, StringComparer.Ordinal).ToDictionary(static one => one.Key, static one => one.Last().Value)));
    }

    /// <summary>Whether it is drawn in one line of a table: a schema, for example, would make the row as high as a page.</summary>
    public static bool FitsCell(string name, JsonElement value) => value.ValueKind == JsonValueKind.Array ? AreBrief(value) : !value.EnumerateObject().Any() || (IsBrief(value) && !IsWritten(name, value));

    /// <summary>It fits into a cell: at most four members, none of which has members.</summary>
    public static bool IsBrief(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(static member => member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) && value.EnumerateObject().Count() is > 0 and <= 4;

    /// <summary>Members that a table has a column for: those that are no lists and no larger objects, in any of its rows. First what a row is, then its money and how it goes, then the rest in its order.</summary>
    public static IReadOnlyList<string> Columns(JsonElement items)
    {
        var columns = new List<string>();
        foreach (var item in items.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object))
        {
            foreach (var member in item.EnumerateObject())
            {
                if ((member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || IsBrief(member.Value)) && !columns.Contains(member.Name, StringComparer.Ordinal))
                {
                    columns.Add(member.Name);
                }
            }
        }

        return [.. columns.Take(1), .. columns.Skip(1).OrderBy(static name => IsMoney(name) ? 0 : name is "state" or "status" or "code" or "limit" ? 1 : IsTime(name) && name.Length <= IdAtMost ? 2 : 3)];
    }
}

/// <summary>One limit, in cents: what was spent, what runs under way hold, and what is enforced now.</summary>
public sealed record Limit(decimal Spent, decimal Held, decimal Of)
{
    public decimal Free => Math.Max(0, Of - Spent - Held);

    /// <summary>Of a bar of 100.</summary>
    public decimal SpentPart => Of <= 0 ? (Spent > 0 ? 100 : 0) : Part(Spent);

    public decimal HeldPart => Of <= 0 ? 0 : Math.Min(100 - SpentPart, Part(Held));

    // An amount of at least the whole is not divided: with a very small limit the share would overflow a decimal.
    private decimal Part(decimal amount) => amount >= Of ? 100 : amount <= 0 ? 0 : amount / Of * 100;
}
