using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Crypto;
using Agora.Grains.Clocks;
using Agora.Web;

namespace Agora.Api.Desk;

/// <summary>
/// Links by which a user comes to its pages: <c>/console/enter/aul_{tenant}~{user id}.{generation}.{expiry, unix seconds}.{base64url HMAC-SHA256}</c> over all four; of the default tenant <c>{tenant}~</c> is left out.
/// Whoever has one is taken for the user until it ends, or the user's links are ended, so an operator passes it on to nobody else. Each has exactly one spelling.
/// </summary>
internal sealed class UserLinks(ApiOptions options, IEntities entities, TenantTimes times, TimeProvider time)
{
    public const string Path = "/console/enter/";
    private const string Prefix = "aul_";
    private const int MaxLength = 320;

    private readonly Believed<UserInspected> _believed = new(times, time);

    /// <summary>Absolute where the process knows its public address.</summary>
    public string Make(Tenant tenant, UserLinked made) => $"{options.PublicUrl}{Path}{Mint(tenant, made.UserId, made.Generation, made.Until.ToUnixTimeSeconds())}";

    /// <returns>Null: we did not make it, its time is over, or it was ended.</returns>
    public async ValueTask<UserLink?> Read(string token)
    {
        if (Parse(token) is not var (link, until) || !FixedTime.AreEqual(token, Mint(link.Tenant, link.UserId, link.Generation, until))) return null;

        // Counted by the tenant's clock, as the tokens of its sessions are.
        var left = DateTimeOffset.FromUnixTimeSeconds(until) - times.Now(link.Tenant);
        return left > TimeSpan.Zero && await Stands(link.Tenant.Name, link.UserId, link.Generation) ? link with { Until = time.GetUtcNow() + left } : null;
    }

    /// <summary>Whether links of this generation, and sign-ins by them, are still valid: they were not ended, and the user was not erased.</summary>
    public async ValueTask<bool> Stands(string tenantName, string userId, long generation) =>
        await _believed.Of(tenantName, userId, generation, static user => user.LinkGeneration, async tenant =>
            (await entities.In(tenant).User(userId).Send(new UserCommand.Inspect(), Commands.Fresh(times.Of(tenant)))).Reply as UserInspected) is { View.Erased: false };

    private static (UserLink Link, long Until)? Parse(string token)
    {
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal)) return null;

        // An id may have dots: what cannot is taken from the end.
        var mac = token.LastIndexOf('.');
        var expiry = mac < 0 ? -1 : token.AsSpan(0, mac).LastIndexOf('.');
        var generation = expiry < 0 ? -1 : token.AsSpan(0, expiry).LastIndexOf('.');
        var start = TenantMark.IdAt(token, Prefix.Length);
        if (generation <= start || TenantMark.Read(token.AsSpan()[Prefix.Length..start]) is not { } tenant || !DisplayText.IsId(token.AsSpan()[start..generation]))
        {
            return null;
        }

        return Number(token.AsSpan()[(generation + 1)..expiry]) is { } of && Number(token.AsSpan()[(expiry + 1)..mac]) is { } until ? (new(tenant, token[start..generation], of, default), until) : null;
    }

    // Far enough for any time that a calendar has.
    private static long? Number(ReadOnlySpan<char> text) => text.Length <= 11 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string Mint(Tenant tenant, string userId, long generation, long until)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"agora.user-link.v1\n{tenant.Name}\n{userId}\n{generation}\n{until}");
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{TenantMark.Of(tenant)}{userId}.{generation}.{until}.{Base64Url.EncodeToString(HMACSHA256.HashData(options.TokenKey.Span, Encoding.UTF8.GetBytes(signed)))}");
    }
}

/// <summary>Whom a link names.</summary>
/// <param name="Until">By the world's clock.</param>
internal sealed record UserLink(Tenant Tenant, string UserId, long Generation, DateTimeOffset Until);
