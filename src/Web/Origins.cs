using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>
/// CORS (the Fetch standard): scripts of the configured origins may call every route with a credential of their own and any headers, and may read all headers that routes declare (<see cref="Handlers.Headers"/>). Cookies are never
/// allowed. By default no origin is configured: no header is sent, and browsers refuse such calls.
/// </summary>
internal sealed class Origins(ApiOptions options, Handlers handlers) : ICorsPolicyProvider
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    /// <summary>A browser asks again after this.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    /// <summary>Built with the first request, when all routes are mapped.</summary>
    private CorsPolicy Policy => field ??= new CorsPolicyBuilder([.. options.CorsOrigins]).WithMethods(Methods).AllowAnyHeader().WithExposedHeaders([.. handlers.Headers]).SetPreflightMaxAge(Remembered).Build();

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => Task.FromResult<CorsPolicy?>(Policy);
}
