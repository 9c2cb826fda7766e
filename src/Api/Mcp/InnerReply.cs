using System.Text.Json;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Mcp;

/// <summary>An envelope, as the route wrote it.</summary>
/// <param name="IsReplayed">It is the stored outcome of an earlier call.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record InnerReply(int Status, bool IsReplayed, JsonElement Envelope, int Bytes)
{
    private static readonly string[] Failed = ["failed", "cancelled"];

    public bool IsRefusal => Status >= StatusCodes.Status400BadRequest;

    public string? Code => IsRefusal ? Envelope.GetProperty("error").GetProperty("code").GetString() : null;

    public string Message => Envelope.GetProperty("error").GetProperty("message").GetString()!;

    /// <summary>The session is over: nothing goes on in it.</summary>
    public bool IsOver => Code is Codes.SessionRevoked or Codes.SessionExpired;

    /// <summary>An earlier call failed, and that stands under its key: only under another one it happens at all.</summary>
    public bool IsStoredFailure => IsReplayed && (IsRefusal || (StateOf(Envelope.GetProperty("data")) is { } state && Failed.Contains(state)));

    /// <summary>A run that has no outcome yet.</summary>
    public bool IsUnderWay => !IsRefusal && StateOf(Envelope.GetProperty("data")) is "pending" or "awaiting_approval";

    /// <summary>What was asked for had happened before.</summary>
    public bool IsDone => IsReplayed && !IsRefusal && Status != StatusCodes.Status202Accepted && !IsStoredFailure;

    public static InnerReply Of(HttpResponse response, ReadOnlySpan<byte> written) =>
        new(response.StatusCode, response.Headers.ContainsKey(AnswerHeaders.Replayed.Name), JsonElement.Parse(written), written.Length);

    private static string? StateOf(JsonElement data) => data.TryGetProperty("state", out var state) && state.ValueKind == JsonValueKind.String ? state.GetString() : null;
}
