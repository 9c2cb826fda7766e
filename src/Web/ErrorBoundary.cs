using Agora.Application.Operations;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Web;

/// <summary>
/// The outermost layer: whatever happens inside, the caller gets the envelope, and never a word about our insides. An operating failure is
/// 503 with Retry-After, a defect is 500 with an id that stands in the log too; routing's own 404 and 405 get their bodies here, and OPTIONS its answer.
/// </summary>
internal sealed class ErrorBoundary(RequestDelegate next, OperationTable operations, ReplyWriter replies, IEnumerable<IErrorForm> forms, Failures failures, TimeProvider time, ILogger<ErrorBoundary> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        using var named = RequestIds.Take(http, time, log);
        EdgeHeaders.Set(http);
        try
        {
            await next(http);
            await DescribeBareStatus(http);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await Describe(http, e);
        }
        catch (Exception e)
        {
            CutOff(http, e);
        }
        finally
        {
            RequestSpan.Name(http);
            ApiMetrics.Counted(http.Response.StatusCode);
            ApiMetrics.Answered(http.GetEndpoint()?.Metadata.GetMetadata<Operation>()?.Name, http.Response.StatusCode, time.GetElapsedTime(started));
        }
    }

    /// <summary>A reply that has begun can only be cut off: the client sees a body without an end. The failure is logged here and not by the web server.</summary>
    private void CutOff(HttpContext http, Exception e)
    {
        if (Failures.IsGone(http.RequestAborted, e)) return;

        _ = failures.Refusal(RouteNames.Of(http), e);
        http.Abort();
    }

    private async Task Describe(HttpContext http, Exception e)
    {
        if (Failures.IsGone(http.RequestAborted, e))
        {
            // Nobody is there to read it; what the request had started goes on.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }

        http.Response.Clear();
        EdgeHeaders.Set(http);
        await replies.Write(http, Reply.Refused(failures.Refusal(RouteNames.Of(http), e)));
    }

    private async Task DescribeBareStatus(HttpContext http)
    {
        if (http.Response.HasStarted || http.Response.ContentLength is not null || http.Response.ContentType is not null) return;
        if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed && HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent; // what it wants to know stands in Allow
            return;
        }

        foreach (var form in forms)
        {
            if (await form.Describe(http)) return;
        }

        var reply = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Reply.Refused(new Rejection(Codes.NotFound, "There is no such route; GET / says where to go.")) with { NextActions = [NextAction.Start] },
            StatusCodes.Status405MethodNotAllowed => OtherMethods.Refused(operations, http.Request.Method, http.Request.Path.Value ?? "", http.Response.Headers.Allow.ToString()),
            _ => null,
        };
        if (reply is not null)
        {
            await replies.Write(http, reply);
        }
    }
}
