using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Api.Http;

/// <summary>
/// Reads the members of one JSON object by name and type. Everything that is wrong goes to the findings, and reading goes on with
/// a harmless value, so that one reply names all violations. <see cref="Finish"/> refuses the members that nobody asked for: a
/// misspelt limit must never be ignored. A null stands for an absent member.
/// <para>Asking for a member declares it. On a <see cref="Sheet"/> it is noted, with its bounds and what it means, and nothing is read.</para>
/// </summary>
internal sealed partial class Fields
{
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
    public string? Text(string name, string meaning, int maxLength, bool required = true, bool blank = false) => _sheet is not null
        ? _sheet.Note<string>(name, meaning, Schemas.Text(maxLength, blank ? 0 : 1), required)
        : String(name, required) is { } text && IsDisplayable(text, At(name), maxLength, blank) ? text : null;

    /// <summary>A string in a form of its own; <paramref name="wanted"/> says which.</summary>
    public string? Formatted(string name, string meaning, int maxLength, Func<string, bool> isValid, string wanted, bool required = true)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<string>(name, meaning, Schemas.Text(maxLength), required);
        }

        var text = String(name, required);
        if (text is null || (text.Length <= maxLength && isValid(text)))
        {
            return text;
        }

        _findings.Violate(At(name), "format", wanted);
        return null;
    }

    /// <summary>One of the strings that are known here.</summary>
    public string? OneOf(string name, string meaning, IReadOnlyList<string> values, bool required = false)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<string>(name, meaning, Schemas.OneOf(values), required);
        }

        var text = String(name, required);
        if (text is null || values.Contains(text))
        {
            return text;
        }

        _findings.Violate(At(name), "enum", $"One of {string.Join(", ", values)}.");
        return null;
    }

    /// <summary>An id of the wrong form makes the request malformed: it cannot name anything.</summary>
    public string? Id(string name, string meaning, bool required = true)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<string>(name, meaning, Schemas.Id, required);
        }

        var id = String(name, required);
        if (id is null || DisplayText.IsId(id))
        {
            return id;
        }

        _findings.Malform($"The id at {At(name)} does not match {DisplayText.IdPattern}");
        return null;
    }

    public string? WalletId(string name, string meaning)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<string>(name, meaning, Schemas.WalletId, required: true);
        }

        var id = String(name, required: true);
        if (id is null || id == WalletIds.World || WalletIds.IsId(id))
        {
            return id;
        }

        _findings.Malform($"The id at {At(name)} does not match {DisplayText.WalletIdPattern}");
        return null;
    }

    /// <returns>Micros.</returns>
    public long? Cents(string name, string meaning, bool required = true)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<long?>(name, meaning, Schemas.Cents, required);
        }

        if (Typed(name, required, JsonValueKind.Number, "An amount is a number of cents.") is not { } number)
        {
            return null;
        }

        if (Money.TryParseCents(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(number)), out var micros))
        {
            return micros;
        }

        _findings.Violate(At(name), "format", "An amount is a number of cents from 0 to 100000000000, with at most 4 decimals, without sign and exponent.");
        return null;
    }

    /// <summary>More than nothing.</summary>
    public long? Amount(string name, string meaning, bool required = true)
    {
        var amount = Cents(name, meaning, required);
        if (amount == 0)
        {
            Violate(name, "exclusiveMinimum", "The amount is more than 0.");
        }

        return amount;
    }

    /// <param name="absent">What counts where it is absent, as the schema says; null: that is told in words.</param>
    public int? Integer(string name, string meaning, int min, int max, int? absent)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<int?>(name, meaning, Schemas.Integer(min, max, absent));
        }

        if (Typed(name, required: false, JsonValueKind.Number, "An integer is wanted here.") is not { } number)
        {
            return null;
        }

        if (!number.TryGetInt32(out var value))
        {
            _findings.Violate(At(name), "type", "An integer is wanted here.");
            return null;
        }

        if (value < min || value > max)
        {
            _findings.Violate(At(name), value < min ? "minimum" : "maximum", string.Create(CultureInfo.InvariantCulture, $"From {min} to {max}."));
            return null;
        }

        return value;
    }

    /// <param name="absent">As for an integer.</param>
    public bool? Flag(string name, string meaning, bool? absent, bool required = false)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<bool?>(name, meaning, Schemas.Flag(absent), required);
        }

        var value = Find(name, required);
        if (value is null or { ValueKind: JsonValueKind.True or JsonValueKind.False })
        {
            return value?.GetBoolean();
        }

        _findings.Violate(At(name), "type", "true or false is wanted here.");
        return null;
    }

    /// <summary>RFC 3339 with an offset.</summary>
    public DateTimeOffset? Time(string name, string meaning, bool required = false)
    {
        if (_sheet is not null)
        {
            return _sheet.Note<DateTimeOffset?>(name, meaning, Schemas.Time, required);
        }

        if (String(name, required) is not { } text)
        {
            return null;
        }

        if (Rfc3339.TryParse(text, out var time))
        {
            return time;
        }

        _findings.Violate(At(name), "format", "An RFC 3339 time with its offset is wanted here, such as 2030-01-31T00:00:00Z.");
        return null;
    }

    public Fields? Object(string name, string meaning, bool required = true) => _sheet is not null
        ? new(_sheet.NoteObjects(name, meaning, static members => members, required))
        : Find(name, required) is { } value ? new Fields(value, At(name), _findings) : null;

    public bool IsDisplayable(string text, string path, int maxLength, bool blank)
    {
        if (DisplayText.Length(text) > maxLength)
        {
            _findings.Violate(path, "maxLength", string.Create(CultureInfo.InvariantCulture, $"At most {maxLength} characters."));
            return false;
        }

        if (!blank && string.IsNullOrWhiteSpace(text))
        {
            _findings.Violate(path, "minLength", "The string is empty.");
            return false;
        }

        if (DisplayText.HasHiddenCharacters(text))
        {
            _findings.Violate(path, "pattern", "Control, bidirectional and zero-width characters are not allowed in a string that is displayed.");
            return false;
        }

        return true;
    }

    public void Violate(string name, string keyword, string message) => _findings.Violate(At(name), keyword, message);

    public string At(string name) => StrictJson.Pointer(_path, name);

    /// <summary>Refuses, by name, what was not asked for; once.</summary>
    public void Finish()
    {
        if (_isFinished || _object is not { } value)
        {
            return;
        }

        _isFinished = true;
        foreach (var member in value.EnumerateObject())
        {
            if (!IsKnown(member))
            {
                _findings.Violate(At(member.Name), "additionalProperties", _known.Count == 0 ? "No members are known here." : $"Unknown member; known are {string.Join(", ", _known)}.");
            }
        }
    }

    private bool IsKnown(JsonProperty member)
    {
        foreach (var name in _known)
        {
            if (member.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private string? String(string name, bool required) => Typed(name, required, JsonValueKind.String, "A string is wanted here.")?.GetString();

    private JsonElement? Typed(string name, bool required, JsonValueKind kind, string wanted)
    {
        var value = Find(name, required);
        if (value is null || value.Value.ValueKind == kind)
        {
            return value;
        }

        _findings.Violate(At(name), "type", wanted);
        return null;
    }

    private JsonElement? Find(string name, bool required, bool nullIsAbsent = true)
    {
        if (!_known.Contains(name))
        {
            _known.Add(name);
        }

        if (Value(name) is { } found && !(nullIsAbsent && found.ValueKind == JsonValueKind.Null))
        {
            return found;
        }

        if (required)
        {
            _findings.Violate(At(name), "required", "This member is required.");
        }

        return null;
    }

    private JsonElement? Value(string name) => _object is { } value && value.TryGetProperty(name, out var found) ? found : null;
}
