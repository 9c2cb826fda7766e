using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Agora.Web;

/// <summary>Where a list goes on, as RFC 8288 says it: the request's own path and query, with the cursor that the reply has.</summary>
internal static class NextPage
{
    /// <summary>A cursor knows where its page began: an offset does not go with it.</summary>
    private static readonly string[] Replaced = ["cursor", "offset"];

    public static string Link(HttpRequest request, string cursor)
    {
        var query = new QueryBuilder(request.Query.Where(asked => !Replaced.Contains(asked.Key))) { { "cursor", cursor } };
        return $"<{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}{query}>; rel=\"next\"";
    }
}
