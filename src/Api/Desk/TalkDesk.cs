using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Agora.Api.Desk;

/// <summary>What is asked of an agents' route.</summary>
/// <param name="Route">Its name, <c>say_in_chat</c>.</param>
/// <param name="Ids">What fills the placeholders of its path.</param>
/// <param name="Query">With its question mark; empty: none.</param>
/// <param name="Body">Null: none.</param>
/// <param name="Key">The Idempotency-Key; null: none.</param>
/// <param name="IsPart">It reads something more for a page whose session has counted its request already.</param>
public sealed record TalkRequest(string Route, IReadOnlyList<(string Name, string Value)> Ids, string Query = "", JsonObject? Body = null, string? Key = null, bool IsPart = false);

/// <summary>
/// Agents' routes, called within this process for a person whose browser has a session's token: by the very route that HTTP has, so scopes, budgets, refusals and idempotency are that route's. The cookie has the token encrypted (AES-256-GCM), so a copied cookie is no token: it is valid for these pages only,
/// for <see cref="Limits.DeskSignedIn"/> at most, while the session lasts, and until its browser signs out (<see cref="SignIns"/>).
/// </summary>
public sealed class TalkDesk
{
    /// <summary>The cookie with the encrypted token. Browsers send it to this host only, over TLS or loopback only, hide it from scripts, and add it to no request of another site except a link.</summary>
    public const string Cookie = "__Host-agora-talk";

    /// <summary>The most characters of a token that is read.</summary>
    public const int TokenLength = 3_072;

    private const int CookieLength = 4_096;

    private readonly InnerCalls _calls;
    private readonly OperationTable _operations;
    private readonly ApiOptions _options;
    private readonly SessionTokens _tokens;
    private readonly SignIns _signIns;
    private readonly SessionOwners _owners;
    private readonly TimeProvider _time;

    internal TalkDesk(InnerCalls calls, OperationTable operations, ApiOptions options, SessionTokens tokens, SignIns signIns, SessionOwners owners, TimeProvider time) =>
        (_calls, _operations, _options, _tokens, _signIns, _owners, _time) = (calls, operations, options, tokens, signIns, owners, time);

    /// <summary>Signs in a browser with a session's token.</summary>
    /// <returns>The cookie's value. Null if the token is not one of a live session.</returns>
    public async Task<string?> SignIn(string token)
    {
        if (_tokens.Read(token).Session is not { } session) return null;

        var generation = await _signIns.Generation(session.Tenant.Name, NameOf(session));
        return Sealed(new(token, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)), generation, (_time.GetUtcNow() + Limits.DeskSignedIn).ToUnixTimeSeconds()));
    }

    /// <summary>The token with which this browser signed in. From then on the request's places count for the session's user.</summary>
    /// <returns>Null if the browser is not signed in.</returns>
    public async ValueTask<string?> TokenOf(HttpRequest request)
    {
        if (Opened(request) is not { } signed || _time.GetUtcNow().ToUnixTimeSeconds() >= signed.Until || _tokens.Read(signed.Token).Session is not { } session
            || !await _signIns.Stands(session.Tenant.Name, NameOf(session), signed.Generation, signed.Id))
        {
            return null;
        }

        RequestOwners.Set(request.HttpContext, await _owners.Of(session));
        return signed.Token;
    }

    /// <summary>Ends this sign-in at the server: a copy of its cookie is refused from now on. The session continues.</summary>
    public async Task SignOut(HttpRequest request)
    {
        if (Opened(request) is { } signed && _tokens.Read(signed.Token).Session is { } session)
        {
            await _signIns.End(session.Tenant.Name, NameOf(session), signed.Id, DateTimeOffset.FromUnixTimeSeconds(signed.Until));
        }
    }

    /// <summary>Ends every sign-in with the session's token, this one too. The session continues.</summary>
    public Task SignOutEverywhere(string token) => _tokens.Read(token).Session is { } session ? _signIns.EndAll(session.Tenant.Name, NameOf(session)) : Task.CompletedTask;

    /// <summary>Stands in each form of this browser, and nowhere else.</summary>
    public string FormCode(string token) => Base64Url.EncodeToString(HMACSHA256.HashData(_options.TokenKey.Span, Encoding.UTF8.GetBytes($"agora.talk-form.v1\n{token}")));

    public async Task<DeskReply> Send(HttpContext page, string token, TalkRequest wanted)
    {
        var parent = ParentRequest.Of(new ReceivedRequest(page));
        return DeskReply.Of(await _calls.Send(Inner(parent, token, wanted, accept: null)), parent, _operations);
    }

    /// <summary>Server-sent events of a route that has them, as they come; a refusal is the page's reply.</summary>
    public Task Tell(HttpContext page, string token, TalkRequest wanted) => _calls.Pass(page, Inner(ParentRequest.Of(new ReceivedRequest(page)), token, wanted, EventStream.Type));

    private static string NameOf(SessionOf session) => $"session/{session.Id}";

    private byte[] CookieKey => HMACSHA256.HashData(_options.TokenKey.Span, "agora.talk-cookie.v1"u8);

    private string Sealed(SignedIn signed)
    {
        var nonce = RandomNumberGenerator.GetBytes(Aes256Gcm.NonceBytes);
        return Base64Url.EncodeToString([.. nonce, .. Aes256Gcm.Seal(CookieKey, nonce, [], JsonSerializer.SerializeToUtf8Bytes(signed))]);
    }

    private SignedIn? Opened(HttpRequest request)
    {
        if (request.Cookies[Cookie] is not { Length: > 0 and <= CookieLength } cookie || !Base64Url.IsValid(cookie)) return null;

        var bytes = Base64Url.DecodeFromChars(cookie);
        return bytes.Length > Aes256Gcm.NonceBytes && Aes256Gcm.Open(CookieKey, bytes.AsSpan(..Aes256Gcm.NonceBytes), [], bytes.AsSpan(Aes256Gcm.NonceBytes)) is { } read
            ? JsonSerializer.Deserialize<SignedIn>(read) : null;
    }

    /// <param name="Id">The id of this sign-in.</param>
    /// <param name="Generation">The generation of the session's sign-ins.</param>
    /// <param name="Until">Unix seconds.</param>
    private sealed record SignedIn(string Token, string Id, long Generation, long Until);

    private InnerRequest Inner(ParentRequest parent, string token, TalkRequest wanted, string? accept) =>
        new(parent, _operations.Named(wanted.Route)!, token, wanted.Ids, wanted.Body is { } given ? Encoding.UTF8.GetBytes(given.ToJsonString()) : [])
        {
            Parameters = QueryHelpers.ParseQuery(wanted.Query), Key = wanted.Key, IsPart = wanted.IsPart, Accept = accept, Cancel = parent.Ended,
        };
}
