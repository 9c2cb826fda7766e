using System.Globalization;
using System.Text;

namespace Agora.Crypto.Http;

/// <summary>What a signature covers, and how it was made: one member of Signature-Input (RFC 9421 §2.3, §4.1).</summary>
public sealed class SignatureInput
{
    /// <summary>Ends a component that is a field's lines as bytes (RFC 9421 §2.1.3): <c>x-note;bs</c>. No field's name has a semicolon, so such a component is never taken for the field as text.</summary>
    internal const string AsBytes = ";bs";

    private readonly IReadOnlyList<KeyValuePair<string, object>> _parameters;

    /// <summary>Of a signature that is about to be made.</summary>
    /// <param name="components">In the order in which they are signed.</param>
    public SignatureInput(IReadOnlyList<string> components, DateTimeOffset created, string keyId, string? nonce = null, string? tag = null, DateTimeOffset? expires = null)
        : this(components, Parameters(created, keyId, nonce, tag, expires))
    {
    }

    private SignatureInput(IReadOnlyList<string> components, IReadOnlyList<KeyValuePair<string, object>> parameters) => (Components, _parameters, Text) = (components, parameters, TextOf(components, parameters));

    /// <summary>Derived components by their names, fields by theirs in lower case; one that is covered as bytes ends in <c>;bs</c>.</summary>
    public IReadOnlyList<string> Components { get; }

    /// <summary>Seconds since 1970.</summary>
    public long? Created => Of("created") as long?;

    public long? Expires => Of("expires") as long?;

    public string? KeyId => Of("keyid") as string;

    public string? Algorithm => Of("alg") as string;

    public string? Nonce => Of("nonce") as string;

    public string? Tag => Of("tag") as string;

    /// <summary>As it stands in Signature-Input, and in the last line of what is signed.</summary>
    internal string Text { get; }

    /// <summary>A component's identifier, as written before its value and in <see cref="Text"/>.</summary>
    internal static string Identifier(string component) => IsAsBytes(component) ? StructuredField.OfString(component[..^AsBytes.Length]) + AsBytes : StructuredField.OfString(component);

    internal static bool IsAsBytes(string component) => component.EndsWith(AsBytes, StringComparison.Ordinal);

    /// <summary>All members by their labels; null when the field is not of its form, has a label twice, or a parameter or component that is not known here.</summary>
    internal static Dictionary<string, SignatureInput>? All(string? text)
    {
        if (text is not { Length: > 0 and <= HttpSignature.MaxFieldCharacters }) return null;
        var all = new Dictionary<string, SignatureInput>(StringComparer.Ordinal);
        var field = new StructuredField(text);
        while (true)
        {
            if (field.Key() is not { } label || !field.Take('=') || Read(ref field) is not { } input || !all.TryAdd(label, input)) return null;
            if (field.Another() is not { } more) return null;
            if (!more) return all;
        }
    }

    private static SignatureInput? Read(ref StructuredField field)
    {
        if (!field.Take('(')) return null;
        var components = new List<string>();
        for (var spaces = field.Spaces() + 1; !field.Take(')'); spaces = field.Spaces())
        {
            if (spaces == 0 || Component(ref field) is not { } component || components.Contains(component)) return null;
            components.Add(component);
        }

        var parameters = new List<KeyValuePair<string, object>>();
        while (field.Take(';'))
        {
            field.Spaces();
            if (field.Key() is not { } name || parameters.Any(p => p.Key == name) || !field.Take('=') || Value(ref field, name) is not { } value)
            {
                return null;
            }

            parameters.Add(new(name, value));
        }

        return new(components, parameters);
    }

    private static string? Component(ref StructuredField field)
    {
        if (field.String() is not { } name || !IsName(name)) return null;
        if (!field.Take(';')) return name;

        field.Spaces();
        return field.Key() == "bs" && name[0] != '@' ? name + AsBytes : null;
    }

    private static object? Value(ref StructuredField field, string name) => name switch
    {
        "created" or "expires" => field.Integer(),
        "keyid" or "alg" or "nonce" or "tag" => field.String(),
        _ => null,
    };

    private static bool IsName(string name) => name.Length > 0 && name == name.ToLowerInvariant() && !name.AsSpan().ContainsAny([' ', '"', '\\', ';']);

    private static List<KeyValuePair<string, object>> Parameters(DateTimeOffset created, string keyId, string? nonce, string? tag, DateTimeOffset? expires)
    {
        var all = new (string Name, object? Value)[]
        {
            ("created", created.ToUnixTimeSeconds()), ("expires", expires?.ToUnixTimeSeconds()), ("keyid", keyId), ("alg", HttpSignature.Algorithm), ("nonce", nonce), ("tag", tag),
        };
        return [.. all.Where(p => p.Value is not null).Select(p => new KeyValuePair<string, object>(p.Name, p.Value!))];
    }

    private static string TextOf(IReadOnlyList<string> components, IReadOnlyList<KeyValuePair<string, object>> parameters)
    {
        var text = new StringBuilder("(").AppendJoin(' ', components.Select(Identifier)).Append(')');
        foreach (var (name, value) in parameters)
        {
            text.Append(';').Append(name).Append('=').Append(value is long number ? number.ToString(CultureInfo.InvariantCulture) : StructuredField.OfString((string)value));
        }

        return text.ToString();
    }

    private object? Of(string name)
    {
        foreach (var (key, value) in _parameters)
        {
            if (key == name) return value;
        }

        return null;
    }
}
