using System.Diagnostics;
using Agora.Application.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Web;

/// <summary>
/// Each request's name: in its reply, in each line that the log gets of it, and in its trace. The caller's X-Request-Id where it has the form of an id (that is the header
/// which Envoy, nginx, Heroku and Rails pass on), else one of ours. It names and does nothing: two requests may have the same.
/// </summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";
    public const string Member = "request_id";
    public const string Example = "0198c0de000070008000000000000000";

    private const string TraceTag = "agora.request_id";

    /// <summary>From here on it is <see cref="HttpContext.TraceIdentifier"/>.</summary>
    /// <returns>What lines of the log are to be within; null: they have it already.</returns>
    public static IDisposable? Take(HttpContext http, TimeProvider time, ILogger log)
    {
        var trace = Activity.Current;
        if (http.Request.Headers[Header] is [{ } given] && DisplayText.IsId(given))
        {
            http.TraceIdentifier = given;
        }
        else if (trace is { ParentId: null, IdFormat: ActivityIdFormat.W3C })
        {
            // A trace that begins here has one request. Its id is in the scope of each line, and in the journal with what the request did.
            http.TraceIdentifier = trace.TraceId.ToHexString();
            return null;
        }
        else
        {
            http.TraceIdentifier = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        }

        trace?.SetTag(TraceTag, http.TraceIdentifier);
        return log.BeginScope(new KeyValuePair<string, object?>[] { new(Member, http.TraceIdentifier) });
    }
}
