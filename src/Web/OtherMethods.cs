using System.Collections.Immutable;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>A method that a route has not. Where another of its methods, or of the route below, does what the caller seems to want, that is named.</summary>
internal static class OtherMethods
{
    private const string OutOfUse = """{"active":false}""";

    public static Reply Refused(OperationTable operations, string method, string called, string allow)
    {
        var path = called.Split('/');
        var (said, action) = ("", NextAction.Start);
        if (HttpMethods.IsDelete(method) && Find(operations, HttpMethods.Patch, path) is { } patch && patch.Shape?.Has("active") == true)
        {
            (said, action) = ($" Nothing is deleted there: PATCH with {OutOfUse} takes it out of use.", Filled(patch, path) with { Body = RawJson.Of(OutOfUse), HasSchema = true });
        }
        else if (HttpMethods.IsPost(method) && Find(operations, HttpMethods.Put, [.. path, "id"]) is { } put)
        {
            (said, action) = ($" {put.Endpoint} makes one.", Find(operations, HttpMethods.Get, path) is { } list ? Filled(list, path) : action);
        }

        return Reply.Refused(new Rejection(Codes.MethodNotAllowed, $"This route answers {allow}.{said}")) with { NextActions = [action] };
    }

    private static Operation? Find(OperationTable operations, string method, string[] path) =>
        operations.All.FirstOrDefault(operation => operation.Audience == Audience.Operators && operation.Method == method && Leads(operation.Route.Split('/'), path));

    private static bool Leads(string[] route, string[] path) =>
        route.Length == path.Length && route.Zip(path).All(segment => IsId(segment.First) ? PathIds.IsId(segment.First[1..^1], segment.Second) : segment.First == segment.Second);

    private static NextAction Filled(Operation operation, string[] path) => new(
        operation.Name,
        operation.Route.Split('/').Zip(path).Where(segment => IsId(segment.First)).ToImmutableSortedDictionary(segment => segment.First[1..^1], segment => segment.Second, StringComparer.Ordinal));

    private static bool IsId(string segment) => segment is ['{', .., '}'];
}
