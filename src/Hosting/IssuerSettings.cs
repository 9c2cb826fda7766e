using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Outbound;

namespace Agora.Hosting;

/// <summary>
/// Issuers of signed tokens that are believed, as a JSON list, so that one setting has all of one: <c>[{"name":"corp","issuer":"https://login.corp.example","for":"operators","audience":"agora"}]</c>.
/// Beside these: <c>tenant</c>, <c>client_id</c> in place of audience, <c>roles_claim</c>, <c>roles</c>, <c>owner_claim</c>, <c>owner_prefix</c>, <c>keys_at</c>, <c>sign_in</c>.
/// </summary>
internal static partial class IssuerSettings
{
    private static readonly string[] Members = ["name", "issuer", "for", "tenant", "audience", "client_id", "roles_claim", "roles", "owner_claim", "owner_prefix", "keys_at", "sign_in"];
    private static readonly string[] SignInMembers = ["client_id", "client_secret", "scopes"];

    public static IReadOnlyList<TrustedIssuer> Read(SettingReader read, string setting)
    {
        if (read.Text(setting) is not { } text) return [];

        try
        {
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.GetArrayLength() is > 0 and <= Limits.Issuers
                ? Apart(setting, [.. json.RootElement.EnumerateArray().Select((issuer, i) => Of($"{setting}[{i}]", issuer))])
                : throw new SettingException($"{setting} must be a JSON list of 1 to {Limits.Issuers} issuers.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SettingException($"{setting} must be a JSON list of issuers, as docs/roles.md has it.");
        }
    }

    private static TrustedIssuer Of(string at, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new SettingException($"{at} must be an object.");
        RefuseUnknown(at, json, Members);
        var audience = Text(at, json, "audience");
        var client = Text(at, json, "client_id");
        if (audience is null == client is null)
        {
            throw new SettingException($"{at}: either audience or client_id must be there: without it a token that was made for somebody else would open this.");
        }

        var holders = Text(at, json, "for") switch
        {
            "operators" => TokenHolders.Operators,
            "platforms" => TokenHolders.Platforms,
            _ => throw new SettingException($"{at}.for must be operators or platforms."),
        };
        var name = Text(at, json, "name");
        return new(
            name is { Length: <= 64 } and not ("user" or "person") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? name : throw new SettingException($"{at}.name must be 1 to 64 letters, digits, '.', '_' or '-', and neither user nor person, whose acts have these names."),
            Url(at, json, "issuer") ?? throw new SettingException($"{at}.issuer is missing."),
            holders,
            Text(at, json, "tenant") is not { } tenant ? Tenant.Default : Tenant.Parse(tenant) is { IsTest: false } of ? of : throw new SettingException($"{at}.tenant must be {Tenant.Rule}."),
            audience,
            client,
            Text(at, json, "roles_claim") ?? "roles",
            Mapped(at, json),
            Text(at, json, "owner_claim") ?? "sub",
            Url(at, json, "keys_at") is { } keys ? new(keys) : null,
            Text(at, json, "owner_prefix") is not { } prefix ? "" : Prefix().IsMatch(prefix) ? prefix : throw new SettingException($"{at}.owner_prefix must be 1 to 32 letters, digits, '.', '_', ':' or '-', and begin with a letter or digit."),
            SignIn(at, json, holders));
    }

    private static SignInClient? SignIn(string of, JsonElement json, TokenHolders holders)
    {
        if (!json.TryGetProperty("sign_in", out var signIn)) return null;

        var at = $"{of}.sign_in";
        if (holders != TokenHolders.Operators)
        {
            throw new SettingException($"{at}: people sign in by issuers for operators; this one is for platforms.");
        }

        if (signIn.ValueKind != JsonValueKind.Object) throw new SettingException($"{at} must be an object.");

        RefuseUnknown(at, signIn, SignInMembers);
        var scopes = Text(at, signIn, "scopes") ?? "openid";
        return new(
            Visible(at, signIn, "client_id") ?? throw new SettingException($"{at}.client_id is missing: it is what the issuer knows the console as."),
            Visible(at, signIn, "client_secret"),
            Scopes().IsMatch(scopes) && scopes.Split(' ').Contains("openid") ? scopes : throw new SettingException($"{at}.scopes must be scopes with one blank between, and openid has to be among them."));
    }

    private static void RefuseUnknown(string at, JsonElement json, string[] known)
    {
        if (json.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new SettingException($"{at}: '{unknown}' is not known; known are {string.Join(", ", known)}.");
        }
    }

    /// <summary>RFC 6749 appendices A.1 and A.2.</summary>
    private static string? Visible(string at, JsonElement json, string name) => Text(at, json, name) is not { } text ? null
        : text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? throw new SettingException($"{at}.{name} must be printable ASCII.") : text;

    private static Dictionary<string, Role> Mapped(string at, JsonElement json)
    {
        if (!json.TryGetProperty("roles", out var roles)) return [];
        if (roles.ValueKind != JsonValueKind.Object || roles.EnumerateObject().Count() is 0 or > Limits.IssuersRoles)
        {
            throw new SettingException($"{at}.roles must map 1 to {Limits.IssuersRoles} values of the claim to roles.");
        }

        return roles.EnumerateObject().ToDictionary(
            said => said.Name,
            said => said.Value.ValueKind == JsonValueKind.String && Roles.Parse(said.Value.GetString()!) is var role && role != Role.None ? role
                : throw new SettingException($"{at}.roles.{said.Name} must be one of {string.Join(", ", Roles.All.Select(known => known.Name))}."),
            StringComparer.Ordinal);
    }

    private static string? Text(string at, JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 500 } text ? text
        : throw new SettingException($"{at}.{name} must be a text of 1 to 500 characters.");

    private static string? Url(string at, JsonElement json, string name) => Text(at, json, name) is not { } url ? null
        : EndpointRules.Check(url) is { } why ? throw new SettingException($"{at}.{name}: {why}") : url;

    private static IReadOnlyList<TrustedIssuer> Apart(string setting, IReadOnlyList<TrustedIssuer> issuers)
    {
        if (issuers.GroupBy(issuer => issuer.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new SettingException($"{setting}: '{twice.Key}' stands there twice.");
        }

        // One and the same issuer, believed for two audiences, has but one of each subject.
        if (issuers.Where(issuer => issuer.NamesOwners).GroupBy(issuer => (issuer.Tenant, issuer.OwnerPrefix)).FirstOrDefault(same => same.DistinctBy(issuer => issuer.Issuer).Count() > 1) is { } mixed)
        {
            throw new SettingException($"{setting}: {string.Join(" and ", mixed.Select(issuer => issuer.Name))} have sponsors or principals of one tenant. Each needs an owner_prefix of its own: else what alice of one owns is alice's of the other.");
        }

        return issuers;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:-]{0,31}\\z")]
    private static partial Regex Prefix();

    /// <summary>RFC 6749 section 3.3.</summary>
    [GeneratedRegex("^[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*\\z")]
    private static partial Regex Scopes();
}
