using System.Globalization;
using Agora.Application.Values;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Microsoft.Extensions.Primitives;

namespace Agora.Application.Operations;

/// <summary>Which part of a list is wanted.</summary>
internal readonly record struct Page(int Offset, int Limit);

/// <summary>Reads the query string as strictly as a body: unknown, repeated and misspelt parameters are refused by name. Asking for a parameter declares it.</summary>
internal sealed class QueryFields(IReadOnlyDictionary<string, StringValues> query, Findings findings)
{
    /// <summary>A query without parameters.</summary>
    public static readonly IReadOnlyDictionary<string, StringValues> None = new Dictionary<string, StringValues>();

    private const int StatusMin = 100, StatusMax = 599;

    private readonly Members? _sheet;
    private readonly List<string> _known = [];

    /// <summary>Nothing is read: what is asked for is noted.</summary>
    public QueryFields(Members sheet)
        : this(None, new())
    {
        _sheet = sheet;
    }

    public Page Page() => new(Offset(), Limit());

    public int Offset() => Integer("offset", "So many are left out before the first.", 0, Limits.OffsetMax, 0);

    public int Limit() => Integer("limit", "At most so many.", 1, Limits.PageMax, Limits.PageDefault);

    public string? Cursor() => Text("cursor", "Where to go on: next_cursor of the reply before, with the same filters.", Limits.CursorLength);

    public int Days(string name, string meaning, int max, int absent) => Integer(name, meaning, 1, max, absent);

    public int Seconds(string name, string meaning, int max) => Integer(name, meaning, 0, max, 0);

    /// <summary>Some of the strings that are known here, with commas between; null: it is not there.</summary>
    public IReadOnlyList<string>? Words(string name, string meaning, IReadOnlyList<string> values)
    {
        if (_sheet is not null) return _sheet.Note<IReadOnlyList<string>>(name, meaning, Schemas.WordsOf(values));

        if (One(name) is not { } text) return null;

        string[] words = text.Length > Limits.WordsLength ? [""] : text.Split(',');
        return words.All(word => values.Contains(word, StringComparer.Ordinal)) ? words : Wrong<IReadOnlyList<string>?>(name, "enum", $"Some of {string.Join(", ", values)}, with commas between.", absent: null);
    }

    /// <summary>Whatever it says.</summary>
    public bool IsNamed(string name) => query.ContainsKey(name);

    public void Violate(string name, string keyword, string message) => findings.Violate(name, keyword, message);

    public string? Text(string name, string meaning, int maxLength = Limits.NameLength, bool required = false)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.Text(maxLength, minLength: required ? 1 : 0), required);

        var text = One(name);
        return required && string.IsNullOrEmpty(text) ? Wrong<string?>(name, "required", "The parameter is wanted here, and it is not empty.", absent: null)
            : text is null || text.Length <= maxLength ? text
            : Wrong<string?>(name, "maxLength", Wanted.AtMost(maxLength, "characters", text.Length), absent: null);
    }

    /// <summary>One of the strings that are known here.</summary>
    public string? OneOf(string name, string meaning, IReadOnlyList<string> values)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.OneOf(values));

        var text = One(name);
        return text is null || values.Contains(text, StringComparer.Ordinal) ? text : Wrong<string?>(name, "enum", $"One of {string.Join(", ", values)}.", absent: null);
    }

    public string? Id(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.Id);

        var id = One(name);
        return id is null || DisplayText.IsId(id) ? id : Wrong<string?>(name, "pattern", $"An id matches {DisplayText.IdPattern}", absent: null);
    }

    public string? WalletId(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.WalletId);

        var id = One(name);
        return id is null || WalletIds.IsId(id) ? id : Wrong<string?>(name, "pattern", $"A wallet's id matches {DisplayText.WalletIdPattern}", absent: null);
    }

    public bool Flag(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<bool>(name, meaning, Schemas.Flag(absent: false));

        var text = One(name);
        return text is null or "true" or "false" ? text == "true" : Wrong(name, "enum", Wanted.Flag, absent: false);
    }

    /// <summary>As HTTP has it.</summary>
    public int? Status(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<int?>(name, meaning, Schemas.Integer(StatusMin, StatusMax, absent: null));

        return One(name) is { } text ? Integer(name, text, StatusMin, StatusMax) : null;
    }

    public int? Number(string name, string meaning, int min, int max)
    {
        if (_sheet is not null) return _sheet.Note<int?>(name, meaning, Schemas.Integer(min, max, absent: null));

        return One(name) is { } text ? Integer(name, text, min, max) : null;
    }

    /// <returns>Micros.</returns>
    public long? Cents(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<long?>(name, meaning, Schemas.Cents);

        return One(name) is not { } text ? null : Money.TryParseCents(text, out var micros) ? micros : Wrong<long?>(name, "format", Wanted.CentsBut(text), absent: null);
    }

    /// <summary>Between two times, the first of which is not after the second.</summary>
    public (DateTimeOffset? From, DateTimeOffset? To) Span()
    {
        var (from, to) = (Time("from", "From this time, or the beginning of this UTC day, on."), Time("to", "Before this time, or the beginning of this UTC day."));
        if (from > to)
        {
            Violate("from", "maximum", "It is after to: nothing lies between them.");
        }

        return (from, to);
    }

    /// <summary>Somebody writes it by hand: a day alone is its beginning in UTC.</summary>
    public DateTimeOffset? Time(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<DateTimeOffset?>(name, meaning, Schemas.TimeOrDay);

        return One(name) is not { } text ? null : Rfc3339.TryParse(text, out var time) || Rfc3339.TryParseDay(text, out time) ? time : Wrong<DateTimeOffset?>(name, "format", Wanted.TimeOrDay, absent: null);
    }

    public void Finish()
    {
        foreach (var name in query.Keys.Where(name => !_known.Contains(name, StringComparer.Ordinal)))
        {
            findings.Violate(name.Length <= Limits.IdLength ? name : "query", "additionalProperties", Wanted.Known(_known, "parameter"));
        }
    }

    private int Integer(string name, string meaning, int min, int max, int absent)
    {
        if (_sheet is not null) return _sheet.Note<int>(name, meaning, Schemas.Integer(min, max, absent));
        return One(name) is { } text ? Integer(name, text, min, max) ?? absent : absent;
    }

    private int? Integer(string name, string text, int min, int max) =>
        !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? Wrong<int?>(name, "range", $"{Wanted.Integer} {Wanted.From(min, max, text)}", absent: null)
            : value >= min && value <= max ? value
            : Wrong<int?>(name, "range", Wanted.From(min, max, text), absent: null);

    private string? One(string name)
    {
        _known.Add(name);
        return !query.TryGetValue(name, out var values) ? null
            : values.Count == 1 && values[0] is { } text ? text
            : Wrong<string?>(name, "uniqueItems", "The parameter stands here more than once.", absent: null);
    }

    private T Wrong<T>(string name, string keyword, string message, T absent)
    {
        findings.Violate(name, keyword, message);
        return absent;
    }
}

/// <summary>What is said of a wrong value, wherever it stood.</summary>
internal static class Wanted
{
    public const string Cents = "An amount is a number of cents from 0 to 100000000000 with at most 4 decimals, and without a sign.";
    public const string Integer = "An integer is wanted here.";
    private const int ShownLength = 40;
    public const string Flag = "true or false is wanted here.";
    public const string Time = "An RFC 3339 time with its offset is wanted here, such as 2030-01-31T00:00:00Z.";
    public const string TimeOrDay = "An RFC 3339 time with its offset is wanted here, such as 2030-01-31T00:00:00Z, or a day in UTC, such as 2030-01-31.";

    /// <summary>Which bound it is, and how much was sent.</summary>
    public static string AtMost(int most, string what, int given) => string.Create(CultureInfo.InvariantCulture, $"At most {most} {what}; here are {given}.");

    public static string From(int least, int most, string given) => string.Create(CultureInfo.InvariantCulture, $"From {least} to {most}; here is {Shown(given)}.");

    public static string CentsBut(string given) => $"{Cents[..^1]}; here is {Shown(given)}.";

    /// <summary>A number as it was sent; anything else may be somebody's own words.</summary>
    private static string Shown(string given) =>
        given.Length is 0 or > ShownLength ? "another value" : given.AsSpan().ContainsAnyExcept("0123456789+-.eE") ? "no number" : given;

    /// <param name="what">member or parameter.</param>
    public static string Known(IReadOnlyCollection<string> names, string what) => names.Count > 0
        ? $"Unknown {what}; known are {string.Join(", ", names)}."
        : what == "member" ? "No members are known here." : "No query parameters are known here.";
}
