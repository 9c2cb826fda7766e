using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>GET /agent/schemas/{operation}: the body of an operation as it is declared, the same for everybody and as public as the OpenAPI document.</summary>
internal sealed class DeclaredSchemas(OperationTable operations) : IFeature
{
    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no operation of this name with a body.");

    public void Map(Routes routes) => routes.Document(PublishedSchema.Root, "operation", Read);

    private Reply Read(string name) => operations.All.FirstOrDefault(o => o.Name == name && o.Audience.IsPublished)?.Published is { } found
        ? Reply.Ok(SchemaData.Of(found)) with { Headers = [("Cache-Control", "public, max-age=3600")] }
        : Reply.Refused(NotFound) with { NextActions = [NextAction.Start] };
}
