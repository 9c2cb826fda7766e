using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>
/// What scripts of the origins that are set may do (the Fetch standard's CORS): call every route with a credential that they hold themselves, with whatever headers their client sends, and read all headers that routes declare
/// (<see cref="OperationTable.Said"/>). Cookies are none of it. No origin is set of itself; then no header is said, and browsers refuse.
/// </summary>
internal sealed class Origins(ApiOptions options, OperationTable table) : ICorsPolicyProvider
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    /// <summary>A browser asks again after this.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    /// <summary>Made with the first request, when all routes are mapped.</summary>
    private CorsPolicy Policy => field ??= new CorsPolicyBuilder([.. options.CorsOrigins]).WithMethods(Methods).AllowAnyHeader().WithExposedHeaders([.. table.Said]).SetPreflightMaxAge(Remembered).Build();

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => Task.FromResult<CorsPolicy?>(Policy);
}
