using Agora.Api.Desk;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Agora.Operator;

/// <summary>A page that is rendered whole before its first byte is sent, so that while a slow client reads it, it is in memory once and counted.</summary>
internal sealed class WholePage(RazorComponentResult page) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, sent) = (httpContext.Response, httpContext.Response.Body);
        using var whole = new MemoryStream();
        response.Body = whole;
        try
        {
            using var turn = await PageRoom.Turn(httpContext);
            await page.ExecuteAsync(httpContext);
        }
        finally
        {
            response.Body = sent;
        }

        await PageRoom.Send(httpContext, whole.GetBuffer().AsMemory(0, (int)whole.Length));
    }
}
