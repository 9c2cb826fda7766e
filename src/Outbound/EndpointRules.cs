namespace Agora.Outbound;

/// <summary>
/// What an endpoint may look like. Where it leads is decided only when connecting, by <see cref="AddressGuard"/>: a name may
/// resolve to another address by then.
/// </summary>
public static class EndpointRules
{
    /// <summary>Null when the endpoint may be stored and called, else a sentence that says why not.</summary>
    public static string? Check(Uri endpoint) =>
        !endpoint.IsAbsoluteUri ? "The endpoint must be an absolute URI."
        : endpoint.OriginalString.Length > OutboundLimits.MaxEndpointCharacters
            ? $"The endpoint must not be longer than {OutboundLimits.MaxEndpointCharacters} characters."
        : endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp ? "The endpoint must be an https or http URI."
        : endpoint.Host.Length == 0 ? "The endpoint must name a host."
        : endpoint.UserInfo.Length > 0
            ? "The endpoint must not hold a user name or password; use auth for the service's secret."
        : endpoint.Fragment.Length > 0 || endpoint.OriginalString.Contains('#') ? "The endpoint must not have a fragment."
        : null;

    /// <summary>As <see cref="Check(Uri)"/>, for text that need not be a URI at all.</summary>
    public static string? Check(string endpoint) =>
        endpoint.Length > OutboundLimits.MaxEndpointCharacters
            ? $"The endpoint must not be longer than {OutboundLimits.MaxEndpointCharacters} characters."
        : Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) ? Check(uri)
        : "The endpoint must be an absolute URI.";
}
