using Agora.Application.Operations;
using Agora.Web;

namespace Agora.Api.Admin;

/// <summary>Reading and changing what a put declares.</summary>
internal static class Edits
{
    /// <summary>The definition with its ETag, and what stands beside it.</summary>
    public static Operation<TId> Read<TId, TPut>(Operation<TPut> put, string name, string summary, Func<Call, TId> id) => new(put.Audience, name, $"GET {put.Route}", summary)
    {
        Read = id,
        Data = put.Data,
        Codes = [Core.Kernel.Codes.NotFound],
        Headers = [Preconditions.IfNoneMatchOfRead],
        AnswerHeaders = [Preconditions.Etag],
        DataExample = put.DataExample,
        Owners = put.Owners,
    };

    /// <summary>Any of the members that a put takes, null for those that shall be as if they were left out.</summary>
    public static Operation<Change<TId>> Merge<TId, TPut>(Operation<TPut> put, string name, string summary, Func<Call, TId> id, string example) => new(put.Audience, name, $"PATCH {put.Route}", summary)
    {
        Read = call => new(id(call), call.Body.Changes(put)),
        Data = put.Data,
        Codes = put.Codes,
        MediaTypes = [MergePatch.MediaType, MediaTypes.Json],
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = example,
        DataExample = put.DataExample,
        Least = put.Least,
        Owners = put.Owners,
    };
}
