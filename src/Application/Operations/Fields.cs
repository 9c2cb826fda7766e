using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Values;
using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Application.Operations;

/// <summary>
/// Reads the members of one JSON object by name and type. Everything that is wrong goes to the findings, and reading goes on with
/// a harmless value, so that one reply names all violations. <see cref="Finish"/> refuses the members that nobody asked for: a
/// misspelt limit must never be ignored. A null stands for an absent member.
/// <para>Asking for a member declares it. On a <see cref="Sheet"/> it is noted, with its bounds and what it means, and nothing is read.</para>
/// </summary>
internal sealed partial class Fields
{
    /// <summary>Of a member that the route itself requires; no schema of others says it so.</summary>
    public const string IsRequired = "This member is required.";

    private readonly JsonElement? _object;
    private readonly string _path;
    private readonly Findings _findings;
    private readonly Members? _sheet;
    private readonly List<string> _known = [];
    private bool _isFinished;

    public Fields(JsonElement? element, string path, Findings findings)
    {
        (_path, _findings) = (path, findings);
        if (element is { ValueKind: JsonValueKind.Object })
        {
            _object = element;
        }
        else if (element is not null)
        {
            findings.Violate(path, "type", "An object is wanted here.");
        }
    }

    /// <summary>Nothing is read: what is asked for is noted.</summary>
    public Fields(Members sheet)
        : this(null, "", new())
    {
        _sheet = sheet;
    }

    /// <summary>Of a member that was asked for.</summary>
    public bool IsPresent(string name) => Value(name) is { ValueKind: not JsonValueKind.Null };

    /// <summary>Of a member that was asked for: null was sent, which else is as good as nothing.</summary>
    public bool IsNull(string name) => Value(name) is { ValueKind: JsonValueKind.Null };

    /// <summary>What one member says about others, as the published schema has it; whoever reads them holds them to it.</summary>
    public void Rule(Action<JsonObject> rule) => _sheet?.Rule(rule);

    /// <summary>JSON of any kind, also null.</summary>
    public JsonElement? Any(string name, string meaning, bool required, Func<JsonObject>? schema = null) => _sheet is not null
        ? _sheet.Note<JsonElement?>(name, meaning, schema?.Invoke() ?? [], required)
        : Find(name, required, nullIsAbsent: false);

    /// <summary>A string that someone is shown.</summary>
    public string? Text(string name, string meaning, int maxLength, bool required = true, bool blank = false) =>
        _sheet is not null ? _sheet.Note<string>(name, meaning, Schemas.Text(maxLength, blank ? 0 : 1), required)
        : String(name, required) is { } text && _findings.IsDisplayable(text, At(name), maxLength, blank) ? text : null;

    /// <summary>A string in a form of its own; <paramref name="wanted"/> says which.</summary>
    /// <param name="pattern">As much of the form as a regular expression can say.</param>
    public string? Formatted(string name, string meaning, int maxLength, Func<string, bool> isValid, string wanted, bool required = true, string? pattern = null)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.Formatted(maxLength, pattern), required);

        var text = String(name, required);
        return text is null || (text.Length <= maxLength && isValid(text)) ? text
            : text.Length > maxLength ? Wrong<string>(name, "maxLength", Wanted.AtMost(maxLength, "characters", text.Length))
            : Wrong<string>(name, "format", wanted);
    }

    /// <summary>A string of a form that nobody reads back: no reply has it, not even the one that refuses it.</summary>
    public string? Secret(string name, string meaning, int maxLength, Func<string, bool> isValid, string wanted, string pattern)
    {
        if (_sheet is null) return Formatted(name, meaning, maxLength, isValid, wanted, required: false);

        var schema = Schemas.Formatted(maxLength, pattern);
        schema["writeOnly"] = true;
        return _sheet.Note<string>(name, meaning, schema);
    }

    /// <summary>One of the strings that are known here.</summary>
    public string? OneOf(string name, string meaning, IReadOnlyList<string> values, bool required = false)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.OneOf(values), required);

        var text = String(name, required);
        return text is null || values.Contains(text) ? text : Wrong<string>(name, "enum", $"One of {string.Join(", ", values)}.");
    }

    /// <summary>An id of the wrong form makes the request malformed: it cannot name anything.</summary>
    public string? Id(string name, string meaning, bool required = true)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.Id, required);

        var id = String(name, required);
        return id is null || DisplayText.IsId(id) ? id : Malformed(name, DisplayText.IdPattern);
    }

    public string? WalletId(string name, string meaning)
    {
        if (_sheet is not null) return _sheet.Note<string>(name, meaning, Schemas.WalletId, required: true);

        var id = String(name, required: true);
        return id is null || id == WalletIds.World || WalletIds.IsId(id) ? id : Malformed(name, DisplayText.WalletIdPattern);
    }

    /// <returns>Micros.</returns>
    public long? Cents(string name, string meaning, bool required = true)
    {
        if (_sheet is not null) return _sheet.Note<long?>(name, meaning, Schemas.Cents, required);
        if (Typed(name, required, JsonValueKind.Number, "An amount is a number of cents.") is not { } number) return null;

        return Money.TryParseCents(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(number)), out var micros) ? micros : Wrong<long?>(name, "format", Wanted.CentsBut(number.GetRawText()));
    }

    /// <summary>More than nothing.</summary>
    /// <returns>Micros.</returns>
    public long? Amount(string name, string meaning, bool required = true)
    {
        if (_sheet is not null) return _sheet.Note<long?>(name, meaning, Schemas.Amount, required);

        var amount = Cents(name, meaning, required);
        return amount != 0 ? amount : Wrong<long?>(name, "exclusiveMinimum", "The amount is more than 0; here is 0.");
    }

    /// <param name="absent">What counts where it is absent, as the schema says; null: that is told in words.</param>
    public int? Integer(string name, string meaning, int min, int max, int? absent, bool required = false)
    {
        if (_sheet is not null) return _sheet.Note<int?>(name, meaning, Schemas.Integer(min, max, absent), required);
        if (Typed(name, required, JsonValueKind.Number, Wanted.Integer) is not { } number) return null;
        if (!number.TryGetInt32(out var value)) return Wrong<int?>(name, "type", $"{Wanted.Integer} {Wanted.From(min, max, number.GetRawText())}");

        return value >= min && value <= max ? value : Wrong<int?>(name, value < min ? "minimum" : "maximum", Wanted.From(min, max, number.GetRawText()));
    }

    /// <param name="absent">As for an integer.</param>
    public bool? Flag(string name, string meaning, bool? absent, bool required = false)
    {
        if (_sheet is not null) return _sheet.Note<bool?>(name, meaning, Schemas.Flag(absent), required);

        var value = Find(name, required);
        return value is null or { ValueKind: JsonValueKind.True or JsonValueKind.False } ? value?.GetBoolean() : Wrong<bool?>(name, "type", Wanted.Flag);
    }

    /// <summary>RFC 3339 with an offset.</summary>
    public DateTimeOffset? Time(string name, string meaning, bool required = false)
    {
        if (_sheet is not null) return _sheet.Note<DateTimeOffset?>(name, meaning, Schemas.Time, required);
        if (String(name, required) is not { } text) return null;

        return Rfc3339.TryParse(text, out var time) ? time : Wrong<DateTimeOffset?>(name, "format", Wanted.Time);
    }

    public Fields? Object(string name, string meaning, bool required = true) =>
        _sheet is not null ? new(_sheet.NoteObjects(name, meaning, static members => members, required))
        : Find(name, required) is { } value ? new Fields(value, At(name), _findings) : null;

    /// <summary>Changes to a body of <paramref name="put"/>, which whoever merges the two reads as one.</summary>
    public JsonElement? Changes(Operation put)
    {
        _sheet?.Change(put.Sheet.Members);
        _isFinished = true;
        return _object;
    }

    public void Violate(string name, string keyword, string message) => _findings.Violate(At(name), keyword, message);

    public string At(string name) => StrictJson.Pointer(_path, name);

    /// <summary>Refuses, by name, what was not asked for; once.</summary>
    public void Finish()
    {
        if (_isFinished || _object is not { } value) return;

        _isFinished = true;
        foreach (var member in value.EnumerateObject())
        {
            if (!IsKnown(member))
            {
                Violate(member.Name, "additionalProperties", Wanted.Known(_known, "member"));
            }
        }
    }

    private bool IsKnown(JsonProperty member)
    {
        foreach (var name in _known)
        {
            if (member.NameEquals(name)) return true;
        }

        return false;
    }

    private T? Wrong<T>(string name, string keyword, string message)
    {
        Violate(name, keyword, message);
        return default;
    }

    private string? Malformed(string name, string pattern)
    {
        _findings.Malform($"The id at {At(name)} does not match {pattern}");
        return null;
    }

    private string? String(string name, bool required) => Typed(name, required, JsonValueKind.String, "A string is wanted here.")?.GetString();

    private JsonElement? Typed(string name, bool required, JsonValueKind kind, string wanted)
    {
        var value = Find(name, required);
        return value is null || value.Value.ValueKind == kind ? value : Wrong<JsonElement?>(name, "type", wanted);
    }

    private JsonElement? Find(string name, bool required, bool nullIsAbsent = true)
    {
        if (!_known.Contains(name))
        {
            _known.Add(name);
        }

        if (Value(name) is { } found && !(nullIsAbsent && found.ValueKind == JsonValueKind.Null)) return found;

        return required ? Wrong<JsonElement?>(name, "required", IsRequired) : null;
    }

    /// <summary>Its member <c>active</c> is false. It is read by its name elsewhere.</summary>
    public bool IsSwitchedOff => Value("active") is { ValueKind: JsonValueKind.False };

    private JsonElement? Value(string name) => _object is { } value && value.TryGetProperty(name, out var found) ? found : null;
}
