using System.Net.WebSockets;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>An answer: data or a refusal, what can be done next, and what the headers say.</summary>
internal sealed record Reply(int Status, object? Data, Rejection? Refusal)
{
    public IReadOnlyList<NextAction> NextActions { get; init; } = [];

    /// <summary>Of a refusal: nothing that is told from the request alone stands before these.</summary>
    public bool AdviceStands { get; init; }

    /// <summary>Places in <c>data</c> that hold strings of third parties: never instructions.</summary>
    public IReadOnlyList<string> UntrustedFields { get; init; } = [];

    /// <summary>Where the reply belongs to a session: for the headers about rate and budget.</summary>
    public Allowance? Allowance { get; init; }

    /// <summary>The stored outcome of an earlier request with this idempotency key.</summary>
    public bool Replayed { get; init; }

    /// <summary>About a payment by x402; null: no header, and no member, says anything of one.</summary>
    public PaymentHeader? Payment { get; init; }

    /// <summary>Besides those that every reply has.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>For the items that follow; null: the reply is no list that goes on.</summary>
    public string? NextCursor { get; init; }

    public string? Location { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public static Reply Ok(object data) => new(StatusCodes.Status200OK, data, null);

    public static Reply Created(object data) => new(StatusCodes.Status201Created, data, null);

    /// <summary>Where to look for what comes of it, and after how many seconds.</summary>
    public static Reply Accepted(object data, string location, int retryAfterSeconds) =>
        new(StatusCodes.Status202Accepted, data, null) { Location = location, RetryAfterSeconds = retryAfterSeconds };

    /// <summary>Not the envelope, but what the caller asked for instead.</summary>
    public static Reply Text(string contentType, string text) => new(StatusCodes.Status200OK, new PlainText(contentType, text), null);

    /// <summary>One of our documents, which is in English whatever is asked for.</summary>
    public static Reply Document(string contentType, string text) => Text(contentType, text) with { Headers = [("Content-Language", "en")] };

    /// <summary>It stands elsewhere, for ever.</summary>
    public static Reply Moved(string path) => new(StatusCodes.Status308PermanentRedirect, new PlainText("text/plain", ""), null) { Headers = [("Location", path)] };

    /// <summary>A browser sees it there (RFC 9110 section 15.4.4).</summary>
    public static Reply SeenAt(string path) => new(StatusCodes.Status303SeeOther, new PlainText("text/plain", ""), null) { Headers = [("Location", path), ("Vary", "Accept")] };

    /// <summary>The same where it is too long to be held: each part is sent when it is there. What fails within it breaks the connection off.</summary>
    public static Reply Streamed(string contentType, IAsyncEnumerable<string> parts) => new(StatusCodes.Status200OK, new StreamedText(contentType, parts), null);

    /// <summary>Another protocol on the same connection, until it ends.</summary>
    public static Reply Upgraded(string protocol, Func<Request, WebSocket, Task> serve) => new(StatusCodes.Status101SwitchingProtocols, new Upgraded(protocol, serve), null);

    /// <summary>RFC 9110 section 15.3.5: done, and headers say the rest.</summary>
    public static Reply NoContent(params IReadOnlyList<(string Name, string Value)> headers) => new(StatusCodes.Status204NoContent, null, null) { Headers = headers };

    /// <summary>RFC 9110 section 15.4.5: what the caller has is still so.</summary>
    public static Reply NotModified() => new(StatusCodes.Status304NotModified, null, null);

    public static Reply Refused(Rejection rejection) => new(Codes.StatusOf(rejection.Code), null, rejection);
}

/// <summary>Data of a reply about something that may have no outcome yet.</summary>
internal interface IHasState
{
    /// <summary>The name of the state, such as pending.</summary>
    string State { get; }
}

/// <summary>What the caller asked for instead of the envelope.</summary>
internal sealed record PlainText(string ContentType, string Text);

/// <summary>The same of bytes.</summary>
internal sealed record PlainBytes(string ContentType, ReadOnlyMemory<byte> Bytes);

/// <summary>The same, part by part.</summary>
internal sealed record StreamedText(string ContentType, IAsyncEnumerable<string> Parts);

/// <summary>A WebSocket in place of a reply.</summary>
internal sealed record Upgraded(string Protocol, Func<Request, WebSocket, Task> Serve);
