using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Mcp;

/// <summary>What a reply means for a call that a model may repeat.</summary>
internal static class ToolOutcome
{
    private const int Accepted = 202;
    private static readonly string[] Failed = ["failed", "cancelled"];

    extension(Reply reply)
    {
        public string? Code => reply.Refusal?.Code;

        /// <summary>The session has ended.</summary>
        public bool IsOver => reply.Code is Codes.SessionRevoked or Codes.SessionExpired;

        /// <summary>An earlier call failed, and its key keeps that outcome: the call can only succeed under another key.</summary>
        public bool IsStoredFailure => reply.Replayed && (reply.Refusal is not null || (reply.Data is IHasState { State: var state } && Failed.Contains(state)));

        /// <summary>The run has no outcome yet.</summary>
        public bool IsUnderWay => reply.Refusal is null && reply.Data is IHasState { State: "pending" or "awaiting_approval" };

        /// <summary>An earlier call did this already.</summary>
        public bool IsDone => reply.Replayed && reply.Refusal is null && reply.Status != Accepted && !reply.IsStoredFailure;
    }
}
