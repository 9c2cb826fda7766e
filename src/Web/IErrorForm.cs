using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>Describes what routing refuses (404, 405) in the form of another protocol, whose clients cannot read the envelope.</summary>
internal interface IErrorForm
{
    /// <returns>False if the path is not of that protocol.</returns>
    Task<bool> Describe(HttpContext http);
}
