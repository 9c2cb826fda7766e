using System.Globalization;
using System.Text;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>Puts a reply on the wire: status, headers, and the envelope.</summary>
internal sealed class ReplyWriter(OperationTable operations, SessionPolicy policy)
{
    private const string Json = "application/json; charset=utf-8";

    private static readonly StringValues ByWhatIsAccepted = new($"{HeaderNames.Accept}, {HeaderNames.AcceptLanguage}");

    public Task Write(HttpContext http, Reply reply) => reply.Data is Upgraded upgraded ? Serve(upgraded, http) : WriteAnswer(reply, http);

    private static async Task Serve(Upgraded upgraded, HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = upgraded.Protocol });
        await upgraded.Serve(new ReceivedRequest(http), socket);
    }

    private async Task WriteAnswer(Reply reply, HttpContext http)
    {
        if (reply.Data is not StreamedText)
        {
            Body.GiveBack(http); // before the client hears of it, and asks for the next
        }

        var form = ReplyForm.Of(http, reply.Refusal is not null, operations);
        WriteHeaders(reply, http.Response);
        if (reply.Data is not (PlainText or PlainBytes or StreamedText))
        {
            WriteLanguage(http.Response.Headers, form);
        }

        if (form.IsProblem)
        {
            http.Response.ContentType = Problem.ContentType;
        }

        WriteAccepted(reply, http);
        if (reply.Refusal is { } refused)
        {
            ApiMetrics.Refused(refused.Code);
        }

        if (HasNoBody(reply)) return;

        if (reply.Data is PlainText plain)
        {
            await WriteBounded(http, Encoding.UTF8.GetBytes(plain.Text));
            return;
        }

        if (reply.Data is StreamedText streamed)
        {
            await foreach (var part in HttpMethods.IsHead(http.Request.Method) ? AsyncEnumerable.Empty<string>() : streamed.Parts)
            {
                // A client that has not read the parts before is cut off, and resumes from its cursor.
                using var place = UnreadReplies.Begin(http, Encoding.UTF8.GetByteCount(part));
                if (place is null)
                {
                    http.Abort();
                    return;
                }

                await http.Response.WriteAsync(part, http.RequestAborted);
            }

            return;
        }

        if (reply.Data is PlainBytes sent)
        {
            await WriteBounded(http, sent.Bytes);
            return;
        }

        await WriteBounded(http, ReplyJson.Serialize(reply, form).WrittenMemory);
    }

    /// <param name="body">Copied before the first await, so it may be a buffer of this thread.</param>
    private async Task WriteBounded(HttpContext http, ReadOnlyMemory<byte> body)
    {
        if (await UnreadReplies.Send(http, body)) return;

        http.Response.Clear();
        EdgeHeaders.Set(http);
        await Write(http, Reply.Refused(UnreadReplies.TooMany));
    }

    private static bool HasNoBody(Reply reply) => reply.Status is StatusCodes.Status304NotModified or StatusCodes.Status204NoContent;

    private void WriteHeaders(Reply reply, HttpResponse response)
    {
        response.StatusCode = reply.Status;
        response.ContentType = HasNoBody(reply) ? null
            : reply.Data switch { PlainText plain => plain.ContentType, PlainBytes bytes => bytes.ContentType, StreamedText streamed => streamed.ContentType, _ => Json };
        if (reply.Allowance is { } left)
        {
            var rateLimit = policy.RateLimitPerMinute; // requests a minute that a session may make; the session counts those that it made
            response.Headers["RateLimit-Limit"] = Number(rateLimit);
            response.Headers["RateLimit-Remaining"] = Number(Math.Max(0, rateLimit - left.Rate.Used));
            response.Headers["RateLimit-Reset"] = Number(left.Rate.ResetSeconds);
            response.Headers["Agora-Budget-Remaining-Cents"] = Money.FormatCents(left.RemainingMicros);
            if (left.Warning is { } warning)
            {
                response.Headers["Agora-Budget-Warning"] = warning;
            }
        }

        if (reply.Replayed)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        for (var i = 0; i < reply.Headers.Count; i++)
        {
            response.Headers[reply.Headers[i].Name] = reply.Headers[i].Value;
        }

        if (reply.NextCursor is { } cursor)
        {
            response.Headers.Link = NextPage.Link(response.HttpContext.Request, cursor);
        }

        reply.Payment?.Write(response.Headers);
        if (reply.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if ((reply.Refusal?.RetryAfterSeconds ?? reply.RetryAfterSeconds) is { } seconds)
        {
            response.Headers.RetryAfter = Number(seconds);
        }
    }

    /// <summary>Of envelopes and problem details: which of them comes, and in which language, is asked for (RFC 9110 section 12.5.5).</summary>
    private static void WriteLanguage(IHeaderDictionary headers, ReplyForm form)
    {
        headers.Vary = ByWhatIsAccepted;
        if (form.Words is { } words)
        {
            headers.ContentLanguage = words.Language;
        }
    }

    // RFC 7240 section 3: what was preferred and done is said, so that a caller can tell it from a run that was slow.
    private static void WriteAccepted(Reply reply, HttpContext http)
    {
        if (reply.Location is null) return;

        http.Response.Headers.Location = reply.Location;
        if (Preferences.Of(http.Request.Headers["Prefer"]).Applied is { } applied)
        {
            http.Response.Headers["Preference-Applied"] = applied;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
