using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Api.Http;
using Agora.Api.Mcp;
using Microsoft.AspNetCore.Http;

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
/// Agents' routes, called within this process for a person whose browser has a session's token: by the very route that HTTP has, so scopes, budgets, refusals and idempotency are that route's. The token is all that says who it is: nothing is
/// stored of a sign-in, and it ends with its session.
/// </summary>
public sealed class TalkDesk
{
    /// <summary>Has the token. Sent to this host only, over TLS or on loopback only, read by no script, and with no request that another site makes but a link.</summary>
    public const string Cookie = "__Host-agora-talk";

    /// <summary>Characters of a token.</summary>
    public const int TokenLength = 3_072;

    private readonly InnerCalls _calls;
    private readonly OperationTable _operations;
    private readonly ApiOptions _options;

    internal TalkDesk(InnerCalls calls, OperationTable operations, ApiOptions options) => (_calls, _operations, _options) = (calls, operations, options);

    /// <summary>Stands in each form of this browser, and nowhere else.</summary>
    public string FormCode(string token) => Base64Url.EncodeToString(HMACSHA256.HashData(_options.TokenKey.Span, Encoding.UTF8.GetBytes($"agora.talk-form.v1\n{token}")));

    public async Task<DeskReply> Send(HttpContext page, string token, TalkRequest wanted)
    {
        var reply = await _calls.Send(page, Inner(token, wanted), page.RequestAborted);
        return new(reply.Status, Surrogates.Paired(reply.Envelope));
    }

    /// <summary>Server-sent events of a route that has them, as they come; a refusal is the page's reply.</summary>
    public Task Tell(HttpContext page, string token, TalkRequest wanted) => _calls.Pass(page, Inner(token, wanted), EventStream.Type);

    private InnerRequest Inner(string token, TalkRequest wanted) =>
        new(_operations.All.First(operation => operation.Name == wanted.Route), token, wanted.Ids, wanted.Query, wanted.Body is { } given ? Encoding.UTF8.GetBytes(given.ToJsonString()) : [], wanted.Key) { IsPart = wanted.IsPart };
}
