using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Desk;

/// <summary>Room for forms and pages, which have the same bounds as all other bodies and replies. They count for the person who is signed in, or for the address if no one is.</summary>
public static class PageRoom
{
    private static readonly FairPlaces Turns = new(Limits.PagesRenderedAtOnce);

    /// <summary>Waits for a turn to render a page. Rendering occupies one thread and waits for nothing, so more pages at once are no faster and would keep threads from other requests.</summary>
    /// <returns>Dispose it when the page is rendered.</returns>
    public static async Task<IDisposable> Turn(HttpContext http) => await Turns.Wait(RequestOwners.Of(http), http.RequestAborted);

    /// <summary>Takes room for a form until its request ends. Call it before the form is read.</summary>
    /// <exception cref="OperatingException">There is no room: 503.</exception>
    public static void TakeForForm(HttpContext http)
    {
        if (http.Request.ContentLength is not { } length || !BodyPlaces.AreWanted(length)) return;

        http.Response.RegisterForDispose(http.RequestServices.GetRequiredService<BodyPlaces>().Begin(RequestOwners.Of(http), length) ?? throw Full());
    }

    /// <summary>Sends a whole page, or a file of it.</summary>
    /// <exception cref="OperatingException">There is no room for it: 503.</exception>
    public static async Task Send(HttpContext http, ReadOnlyMemory<byte> page)
    {
        if (!await UnreadReplies.Send(http, page)) throw Full();
    }

    private static OperatingException Full() => new(new(FailureKind.Overloaded));
}
