using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Api.Http;
using Agora.Api.Sessions;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Mcp;

/// <summary>
/// The session in which an agent's key makes its calls: one a key, for the user that the key is bound to. It is opened by the route that opens any, under an Idempotency-Key that
/// follows from the day and from the session before it, if that has ended: so every process, and whoever comes again, is given the same one, and nothing has to be kept.
/// What is kept here only saves asking.
/// </summary>
internal sealed class KeySessions(KeyHolders holders, InnerCalls inner, TimeProvider time)
{
    private static readonly Rejection Unbound = new(
        Codes.Unauthorized, "The agent's key is bound to no user, so nobody says for whom it calls. Have one issued by POST /admin/agents/{agent_id}/keys with user_id, or authenticate at POST /agent/auth and send the session's token.");

    private readonly ConcurrentDictionary<string, (DateOnly Day, Bearer Bearer)> _opened = new(StringComparer.Ordinal);

    /// <param name="over">The session that has ended; null: none is known to.</param>
    public async Task<(Bearer? Bearer, InnerReply? Refused)> Open(HttpContext door, string key, Bearer? over, CancellationToken cancel)
    {
        var (name, day) = (Credentials.HexHash(key), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        if (_opened.TryGetValue(name, out var known) && known.Day == day && known.Bearer != over) return (known.Bearer, null);

        var (holder, refused) = await holders.Identify(key, cancel);
        if (refused is not null || holder!.UserId is null) return (null, await inner.Refused(door, refused ?? Unbound));

        var body = JsonSerializer.SerializeToUtf8Bytes(new { agent_id = holder.AgentId, user_id = holder.UserId });
        var opened = await inner.Send(door, new(AuthEndpoints.Auth, key, [], "", body, Credentials.HexHash($"mcp {day:O} {over?.Session.Id}")), cancel);
        if (opened.IsRefusal) return (null, opened);

        var token = opened.Envelope.GetProperty("data").GetProperty("token").GetString()!;
        var bearer = new Bearer(new(holder.Tenant, opened.Envelope.GetProperty("data").GetProperty("session_id").GetString()!), token);
        if (_opened.Count >= Limits.McpKeysKept)
        {
            _opened.Clear();
        }

        _opened[name] = (day, bearer);
        return (bearer, null);
    }
}
