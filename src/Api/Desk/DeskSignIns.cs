using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Desk;

/// <summary>An operator who has signed in at a browser.</summary>
/// <param name="FormCode">Stands in each form of this browser, and nowhere else.</param>
/// <param name="Person">Who signed in with a password; null: it was by a key, a token or a link.</param>
public sealed record DeskOperator(string Tenant, string Name, Role Roles, string? Owner, DateTimeOffset Until, string FormCode, DeskPerson? Person = null)
{
    /// <summary>Sees what is its owner's own, and nothing else.</summary>
    public bool IsOwner => !Roles.Include(Role.Viewer);

    internal Actor Actor => new(Core.Kernel.Tenant.Parse(Tenant)!, Name, Roles, Owner);
}

/// <summary>Somebody with a password.</summary>
/// <param name="HasSecondFactor">Signs in with a code of an app besides.</param>
public sealed record DeskPerson(Tenant Of, string Id, bool HasSecondFactor)
{
    /// <summary>In acts and the log.</summary>
    internal static string NameOf(string id) => $"person/{id}";
}

/// <summary>
/// Sign-ins of browsers at the console. A cookie has the name, the end and an HMAC-SHA256 over both, so it is valid on every process of a cluster and after a restart. Only sign-outs are stored: see <see cref="SignIns"/>.
/// A key has to be in the settings still, and its role is that of now; so is a person's, whose sign-ins all end with the next generation, as those by a user's links do. What an issuer's token said counts until the token ends.
/// </summary>
internal sealed class DeskSignIns(ApiOptions options, OperatorIdentities operators, UserLinks links, People people, SignIns signIns, TimeProvider time)
{
    /// <summary>Sent to this host only, over TLS or on loopback only, read by no script, and with no request that another site makes but a link.</summary>
    public const string Cookie = "__Host-agora";

    private const int MaxLength = 2_048;

    public async Task<(string? Cookie, string? Refused)> Open(HttpContext http, string presented)
    {
        var (actor, ends, refused) = await operators.Identify(new ReceivedRequest(http), presented);
        if (actor is null) return (null, refused!.Message);

        var key = Credentials.Find(presented, options.OperatorKeys);
        return (Sealed(await Saying(actor, ends) with { KeyHash = key is null ? null : Convert.ToHexStringLower(key.Hash.Span) }), null);
    }

    /// <summary>Signs in the user whom a link names, until the link ends. Null: it opens nothing, or nothing any more.</summary>
    public async ValueTask<string?> Enter(string link) => await links.Read(link) is { } read
        ? Sealed(await Saying(new(read.Tenant, $"user/{read.UserId}", Role.User, read.UserId), read.Until) with { LinkGeneration = read.Generation })
        : null;

    public async Task<(string? Cookie, Rejection? Refused)> Open(HttpContext http, string name, string password, string code)
    {
        var (tenant, view, refused) = await people.SignIn(http, name, password, code);
        if (view is null) return (null, refused);

        var said = await Saying(new(tenant!, DeskPerson.NameOf(view.PersonId), Role.None, null), null);
        return (Sealed(said with { PersonId = view.PersonId, Generation = view.Generation }), null);
    }

    /// <summary>Signs in whom an issuer's token named, until that ends.</summary>
    public async Task<string> Open(Actor actor, DateTimeOffset ends) => Sealed(await Saying(actor, ends));

    /// <summary>Ends the sign-in of this browser, and with it every copy of its cookie.</summary>
    public async Task End(HttpRequest request)
    {
        if (Opened(request.Cookies[Cookie]) is { } claims && JsonSerializer.Deserialize<Said>(claims) is { } said)
        {
            await signIns.End(said.Tenant, said.Name, said.Id, DateTimeOffset.FromUnixTimeSeconds(said.Until));
        }
    }

    /// <summary>Ends all sign-ins under the name, this one too.</summary>
    public Task EndAll(DeskOperator who) => signIns.EndAll(who.Tenant, who.Name);

    public async ValueTask<DeskOperator?> Read(HttpRequest request)
    {
        if (Opened(request.Cookies[Cookie]) is not { } claims) return null;

        var said = JsonSerializer.Deserialize<Said>(claims)!;
        var until = DateTimeOffset.FromUnixTimeSeconds(said.Until);
        if (time.GetUtcNow() >= until || !await signIns.Stands(said.Tenant, said.Name, said.SignIns, said.Id)) return null;

        var form = Base64Url.EncodeToString(Code("form", claims));
        if (said.PersonId is { } id)
        {
            return await people.Standing(said.Tenant, id, said.Generation) is { } view
                ? new(said.Tenant, said.Name, Roles.Parse(view.Role), view.Owner, until, form, new(Tenant.Parse(said.Tenant)!, id, view.HasSecondFactor))
                : null;
        }

        if (said.LinkGeneration is { } link && !await links.Stands(said.Tenant, said.Owner!, link)) return null;
        if (said.KeyHash is null) return new(said.Tenant, said.Name, (Role)said.Roles, said.Owner, until, form);

        var key = options.OperatorKeys.FirstOrDefault(key => key.Tenant.Name == said.Tenant && key.Name == said.Name && Convert.ToHexStringLower(key.Hash.Span) == said.KeyHash);
        return key is null ? null : new(said.Tenant, said.Name, key.Roles, key.Owner, until, form);
    }

    /// <param name="ends">When what was presented ends; null: it does not.</param>
    private async Task<Said> Saying(Actor actor, DateTimeOffset? ends)
    {
        var generation = await signIns.Generation(actor.Tenant.Name, actor.Name);
        var until = time.GetUtcNow() + Limits.DeskSignedIn;
        return new(actor.Tenant.Name, actor.Name, null, (int)actor.Roles, actor.Owner, (ends < until ? ends.Value : until).ToUnixTimeSeconds(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)), SignIns: generation);
    }

    private string Sealed(Said said)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(said);
        return $"{Base64Url.EncodeToString(claims)}.{Base64Url.EncodeToString(Code("sign-in", claims))}";
    }

    /// <summary>What a cookie says; null: we did not make it.</summary>
    private byte[]? Opened(string? cookie)
    {
        if (cookie is not { Length: <= MaxLength } || cookie.Split('.') is not [var text, var mac]) return null;
        if (!Base64Url.IsValid(text) || !Base64Url.IsValid(mac)) return null;

        var claims = Base64Url.DecodeFromChars(text);
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(mac), Code("sign-in", claims)) ? claims : null;
    }

    private byte[] Code(string of, byte[] claims) => HMACSHA256.HashData(options.TokenKey.Span, [.. Encoding.UTF8.GetBytes($"agora.desk-{of}.v1\n"), .. claims]);

    /// <param name="KeyHash">Null: a token's.</param>
    /// <param name="Until">Unix seconds.</param>
    /// <param name="Id">Of this sign-in.</param>
    /// <param name="PersonId">Null: nobody's with a password.</param>
    /// <param name="LinkGeneration">Null: it was by no link.</param>
    /// <param name="SignIns">The generation of the sign-ins under the name.</param>
    private sealed record Said(string Tenant, string Name, string? KeyHash, int Roles, string? Owner, long Until, string Id, string? PersonId = null, long Generation = 0, long? LinkGeneration = null, long SignIns = 0);
}
