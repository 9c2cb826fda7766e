using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>
/// Calls operations within this process, through the same gate and handler as over HTTP: authentication, audit, rate limits, idempotency and next actions are theirs alone. A failure becomes the same refusal as over HTTP.
/// </summary>
internal sealed class InnerCalls(Handlers handlers, ReplyWriter replies, Failures failures, TimeProvider time)
{
    public async Task<Reply> Send(InnerRequest request)
    {
        using (request)
        {
            var reply = await Serve(request);
            request.Ended.ThrowIfCancellationRequested(); // the reply may be incomplete, and no one waits for it
            if (reply.Refusal is { } refused)
            {
                ApiMetrics.Refused(refused.Code);
            }

            return reply;
        }
    }

    /// <summary>Sends the reply as the parent's own. It may be longer than fits in memory.</summary>
    public async Task Pass(HttpContext http, InnerRequest request)
    {
        using (request)
        {
            var reply = await Serve(request);
            if (request.Tenant is { } tenant)
            {
                new ReceivedRequest(http).Mark(tenant);
            }

            await replies.Write(http, reply);
        }
    }

    private async Task<Reply> Serve(InnerRequest request)
    {
        var began = time.GetTimestamp();
        var reply = await ReplyOrFailure(request);
        ApiMetrics.Counted(reply.Status);
        ApiMetrics.Answered(request.Operation.Name, reply.Status, time.GetElapsedTime(began));
        return reply;
    }

    private async Task<Reply> ReplyOrFailure(InnerRequest request)
    {
        try
        {
            return await handlers.Serve(request.Operation, request);
        }
        catch (Exception e) when (!Failures.IsGone(request.Ended, e))
        {
            return Reply.Refused(failures.Refusal(request.Route, e));
        }
    }
}
